import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ExtraFile } from "@ligo/checkpoint";

/** Files of a checkpoint that growth does not change. */
const COMPANIONS = [
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "vocab.txt",
  "vocab.json",
  "merges.txt",
  "generation_config.json",
  "preprocessor_config.json",
] as const;

/** Those that are no part of a tokenizer. */
const SINGLE: ReadonlySet<string> = new Set(["generation_config.json", "preprocessor_config.json"]);

/** The files of a checkpoint folder that are copied beside the new weights; `preferred` ones take their place. */
export function companionFiles(
  folder: string,
  preferred: readonly ExtraFile[] = [],
): readonly ExtraFile[] {
  const taken = new Set(preferred.map(({ name }) => name));
  const isTokenizer = (name: string): boolean => !SINGLE.has(name);
  const found = COMPANIONS.filter((name) => existsSync(join(folder, name)))
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
