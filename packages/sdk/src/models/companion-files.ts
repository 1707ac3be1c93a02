import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { CARD_NAME } from "../card/card-head.js";
import { companionPaths, INDEX_NAME, TOKENIZER_FILES, type ExtraFile } from "@ligo/checkpoint";

/** The files of a checkpoint folder that are copied beside the new weights; `preferred` ones take their place. */
export function companionFiles(
  folder: string,
  preferred: readonly ExtraFile[] = [],
): readonly ExtraFile[] {
  const taken = new Set(preferred.map(({ name }) => name));
  const isTokenizer = (name: string): boolean => TOKENIZER_FILES.includes(name);
  const found = companionPaths(pathsIn(folder))
    // A tokenizer is taken whole: files of two do not go together.
    .filter((name) => !taken.has(name) && (taken.size === 0 || !isTokenizer(name)))
    .map((name) => ({ name, path: join(folder, name) }));
  return [...preferred, ...found];
}

/** Names in a folder, and those in the folders in it. */
function pathsIn(folder: string): readonly string[] {
  return namesIn(folder).flatMap((name) => {
    const inner = isFolder(join(folder, name)) ? namesIn(join(folder, name)) : undefined;
    return inner === undefined ? [name] : inner.map((one) => `${name}/${one}`);
  });
}

/** None where there is no folder. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

/** A link counts as what it points to. */
function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Files that `ligo` writes of a run: they tell of the source, and the new model gets its own. */
const OF_RUN =
  /^(?:ligo\.json|recipe\.json|operator\.safetensors|optimizer\.safetensors|metrics\.jsonl|report\.html|checkpoints|events\.out\..*)$/;

/**
 * Names in a checkpoint folder that are not carried over: files, and folders with a slash behind them. Weights, config, hidden
 * files, what `ligo` wrote of a run, and a tokenizer that another one replaces are not counted.
 *
 * @param carried files that are carried over
 * @param weights paths of the weights
 */
export function leftBehind(
  folder: string,
  carried: readonly ExtraFile[],
  weights: readonly string[],
): readonly string[] {
  const read = new Set(["config.json", INDEX_NAME, ...weights.map((path) => basename(path))]);
  const names = new Set(carried.map(({ name }) => name));
  const found = namesIn(folder);
  const hasOwnCard = found.includes(CARD_NAME) && isOwnCard(join(folder, CARD_NAME));
  const isLeft = (name: string): boolean =>
    !name.startsWith(".") &&
    !(hasOwnCard && name === CARD_NAME) &&
    !read.has(name) &&
    !OF_RUN.test(name) &&
    !TOKENIZER_FILES.includes(name);
  return found
    .filter((name) => isLeft(name) && ![...names].some((one) => one.split("/")[0] === name))
    .map((name) => (isFolder(join(folder, name)) ? `${name}/` : name));
}

/** Whether a card was written of a growth: a new one takes its place. */
const isOwnCard = (file: string): boolean =>
  /^---\n(?:(?!---).*\n)*? {2}- ligo\n/u.test(readFileSync(file, "utf8"));

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
