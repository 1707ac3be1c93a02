import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
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

/** The same files with their contents in memory, to be written again and again whatever becomes of their folder. */
export async function readCompanions(files: readonly ExtraFile[]): Promise<readonly ExtraFile[]> {
  return Promise.all(
    files.map(async (file) =>
      "path" in file ? { name: file.name, contents: await readFile(file.path) } : file,
    ),
  );
}
