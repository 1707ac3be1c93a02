import { readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { CheckpointError } from "./errors/checkpoint-error.js";
import { isPicklePath, isPickledShard, pickleError } from "./pickle.js";

export const WEIGHTS_NAME = "model.safetensors";
export const INDEX_NAME = "model.safetensors.index.json";

/** Files a tokenizer may consist of. */
export const TOKENIZER_FILES: readonly string[] = [
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "vocab.txt",
  "vocab.json",
  "merges.txt",
];

/** Small files that may lie beside a checkpoint's weights and config, and belong to it. */
export const COMPANION_FILES: readonly string[] = [
  ...TOKENIZER_FILES,
  "generation_config.json",
  "preprocessor_config.json",
];

/** Place of the weights of a checkpoint: one file, or an index of several. */
export type CheckpointWeights =
  | { readonly folder: string; readonly file: string }
  | { readonly folder: string; readonly index: string };

/** Finds the weights at a path (a folder or a .safetensors file), as Hugging Face does. Throws `CheckpointError`. */
export async function findWeights(path: string): Promise<CheckpointWeights> {
  const kind = await pathKind(path);
  if (kind === "missing") {
    throw new CheckpointError(
      "checkpoint/not-found",
      `There is no checkpoint at ${path}: no such file or folder. Give a folder with ${WEIGHTS_NAME} and config.json.`,
      { file: path },
    );
  }
  return kind === "folder" ? findInFolder(path) : checkFile(path);
}

async function findInFolder(folder: string): Promise<CheckpointWeights> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (cause) {
    throw new CheckpointError("checkpoint/unreadable", `The folder ${folder} cannot be read.`, {
      file: folder,
      cause,
    });
  }
  if (names.includes(WEIGHTS_NAME)) return { folder, file: join(folder, WEIGHTS_NAME) };
  if (names.includes(INDEX_NAME)) return { folder, index: join(folder, INDEX_NAME) };
  const pickles = names.filter(isPickledShard).toSorted();
  if (pickles.length > 0) throw pickleError(pickles.map((name) => join(folder, name)));
  throw new CheckpointError(
    "checkpoint/not-found",
    `There is no checkpoint in ${folder}. Looked for ${WEIGHTS_NAME}, then ${INDEX_NAME}, then pytorch_model.bin.`,
    { file: folder, expected: `${WEIGHTS_NAME} or ${INDEX_NAME}` },
  );
}

async function checkFile(file: string): Promise<CheckpointWeights> {
  if (isPicklePath(file)) throw pickleError([file]);
  const folder = dirname(file);
  if (extname(file) !== ".safetensors") {
    throw new CheckpointError(
      "checkpoint/not-safetensors",
      `${file} is not a .safetensors file. Give one, or the folder that holds the checkpoint.`,
      { file, expected: ".safetensors", actual: extname(file) },
    );
  }
  if (
    /-\d+-of-\d+\.safetensors$/.test(basename(file)) &&
    (await pathKind(join(folder, INDEX_NAME))) === "file"
  ) {
    throw new CheckpointError(
      "checkpoint/lone-shard",
      `${file} is one shard of several. Give the folder ${folder} to open all of them.`,
      { file, expected: folder },
    );
  }
  return { folder, file };
}

async function pathKind(path: string): Promise<"missing" | "folder" | "file"> {
  try {
    return (await stat(path)).isDirectory() ? "folder" : "file";
  } catch {
    return "missing";
  }
}
