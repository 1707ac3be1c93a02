import { readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { CheckpointError } from "./errors/checkpoint-error.js";
import { foreignFormat } from "./foreign-format.js";
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
  "tokenizer.model",
  "spiece.model",
  "sentencepiece.bpe.model",
  "chat_template.jinja",
];

/** Files of sentence-transformers that say what is computed of a model's output. Modules have folders beside them. */
const MODULES_NAME = "modules.json";
const MODULE_FILES = [
  MODULES_NAME,
  "config_sentence_transformers.json",
  "sentence_bert_config.json",
  "sentence_roberta_config.json",
];

/** Small files that may lie beside a checkpoint's weights and config, and belong to it. */
const COMPANION_FILES: readonly string[] = [
  ...TOKENIZER_FILES,
  "generation_config.json",
  "preprocessor_config.json",
  "processor_config.json",
  ...MODULE_FILES,
];

/** Files in the folder of a module of sentence-transformers: `1_Pooling/config.json`. */
const IN_MODULE = /^\d+_[\w-]+\/[\w-][\w.-]*$/;

/** Of the paths in a folder, those of files that belong to its checkpoint beside weights and config. */
export function companionPaths(paths: readonly string[]): readonly string[] {
  const companions = COMPANION_FILES.filter((name) => paths.includes(name));
  if (!companions.includes(MODULES_NAME)) return companions;
  return [...companions, ...paths.filter((path) => IN_MODULE.test(path)).toSorted()];
}

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
  throw await noCheckpoint(folder, names);
}

/** Folders that are looked into for a checkpoint. */
const LOOKED_INTO = 50;

async function noCheckpoint(folder: string, names: readonly string[]): Promise<CheckpointError> {
  const expected = `${WEIGHTS_NAME} or ${INDEX_NAME}`;
  const foreign = foreignFormat(folder, names);
  if (foreign !== undefined) {
    const { advice, files, says } = foreign;
    return new CheckpointError(
      "checkpoint/other-format",
      `There are no weights that LiGO reads in ${folder}: ${files.slice(0, 3).join(", ")} is ${says}. ${advice}`,
      { file: folder, expected, actual: files.join(", ") },
    );
  }
  const pickle = names.filter(isPicklePath).toSorted()[0];
  if (pickle !== undefined) return pickleError([join(folder, pickle)]);
  const inner: string[] = [];
  for (const name of names.toSorted().slice(0, LOOKED_INTO)) {
    const held = await readdir(join(folder, name)).catch((): string[] => []);
    if (held.includes(WEIGHTS_NAME) || held.includes(INDEX_NAME)) inner.push(join(folder, name));
  }
  const hint =
    inner.length === 0
      ? `Looked for ${WEIGHTS_NAME}, then ${INDEX_NAME}, then pytorch_model.bin.`
      : `Checkpoints are in ${inner.join(", ")}: give one of these.`;
  return new CheckpointError(
    "checkpoint/not-found",
    `There is no checkpoint in ${folder}. ${hint}`,
    {
      file: folder,
      expected,
      ...(inner.length === 0 ? {} : { actual: inner.join(", ") }),
    },
  );
}

async function checkFile(file: string): Promise<CheckpointWeights> {
  if (isPicklePath(file)) throw pickleError([file]);
  const folder = dirname(file);
  if (extname(file) !== ".safetensors") {
    const foreign = foreignFormat(folder, [basename(file)]);
    if (foreign !== undefined) {
      throw new CheckpointError(
        "checkpoint/other-format",
        `${file} is ${foreign.says}. ${foreign.advice}`,
        { file, expected: ".safetensors", actual: foreign.says },
      );
    }
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
