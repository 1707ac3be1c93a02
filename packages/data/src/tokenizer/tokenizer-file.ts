import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The two files of a Hugging Face tokenizer, parsed. */
export interface TokenizerFile {
  /** `tokenizer.json`. */
  readonly tokenizer: Readonly<Record<string, unknown>>;
  /** `tokenizer_config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * Writes `tokenizer.json` and `tokenizer_config.json` into `folder` (made if absent), each under a temporary name and
 * then renamed. Returns the paths written.
 */
export async function writeTokenizer(file: TokenizerFile, folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const contents = [
    ["tokenizer.json", JSON.stringify(file.tokenizer)],
    ["tokenizer_config.json", `${JSON.stringify(file.config, undefined, 2)}\n`],
  ] as const;
  const written: string[] = [];
  for (const [name, content] of contents) {
    const path = join(folder, name);
    await writeFile(`${path}.partial`, content, { flush: true });
    await rename(`${path}.partial`, path);
    written.push(path);
  }
  return written;
}
