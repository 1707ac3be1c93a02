import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { COMPANION_FILES, TOKENIZER_FILES, type ExtraFile } from "@ligo/checkpoint";

/** The files of a checkpoint folder that are copied beside the new weights; `preferred` ones take their place. */
export function companionFiles(
  folder: string,
  preferred: readonly ExtraFile[] = [],
): readonly ExtraFile[] {
  const taken = new Set(preferred.map(({ name }) => name));
  const isTokenizer = (name: string): boolean => TOKENIZER_FILES.includes(name);
  const found = COMPANION_FILES.filter((name) => existsSync(join(folder, name)))
    // A tokenizer is taken whole: files of two do not go together.
    .filter((name) => !taken.has(name) && (taken.size === 0 || !isTokenizer(name)))
    .map((name) => ({ name, path: join(folder, name) }));
  return [...preferred, ...found];
}

/** The companion files that lie in a folder, by name. */
export function companionsIn(folder: string): ReadonlyMap<string, Uint8Array> {
  return companionMap(
    companionFiles(folder).map((file) => ({
      name: file.name,
      contents: readFileSync(join(folder, file.name)),
    })),
  );
}

/** Files in memory by name. */
export function companionMap(
  files: readonly { readonly name: string; readonly contents: string | Uint8Array }[],
): ReadonlyMap<string, Uint8Array> {
  return new Map(
    files.map(({ contents, name }) => [
      name,
      typeof contents === "string" ? new TextEncoder().encode(contents) : contents,
    ]),
  );
}
