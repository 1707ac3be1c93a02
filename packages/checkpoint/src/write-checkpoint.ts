import { mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RawConfig } from "@ligo/core";
import type { FiniteTest } from "@ligo/core/operator";
import { writeFailure, writeFileAtomically } from "./atomic-file.js";
import { INDEX_NAME, WEIGHTS_NAME } from "./checkpoint-files.js";
import { copyIntoFolder } from "./copy-into-folder.js";
import { renderConfig, renderPythonJson } from "./json/render-json.js";
import { DTYPE_BYTES, TORCH_DTYPE, type OutputDtype } from "./dtype.js";
import { CheckpointError } from "./errors/checkpoint-error.js";
import { OutputError } from "./errors/output-error.js";
import { systemCode } from "./regular-file.js";
import { collectSources, type PlannedSource, type TensorSource } from "./tensor-plan.js";
import { writeSources } from "./write-safetensors.js";

/**
 * A further file of a checkpoint, for example a tokenizer file: copied from `path`, or made of `contents`. Its name may stand in a
 * folder, `1_Pooling/config.json`.
 */
export type ExtraFile =
  | { readonly name: string; readonly path: string }
  | { readonly name: string; readonly contents: string | Uint8Array };

/** Contents that {@link writeCheckpoint} writes. */
export interface CheckpointContents {
  /** Must hold `model_type` and `architectures`. `dtype` and `torch_dtype` are set to what is written, where present. */
  readonly config: RawConfig;
  /** In state-dict order, which decides the shards. Tied weights once. */
  readonly tensors: Iterable<TensorSource> | AsyncIterable<TensorSource>;
  /** Dtype of the weights. */
  readonly dtype: OutputDtype;
  /** Most bytes of weights in one file; a larger tensor gets a file of its own. Default 5e9. */
  readonly maxShardBytes?: number | undefined;
  readonly extraFiles?: readonly ExtraFile[] | undefined;
  /** A quick test of float32 values. Where it is not sure, they are looked through. Default: they are looked through. */
  readonly areFinite?: FiniteTest | undefined;
}

/** Result of writing: file names in the folder, and the weights' size. */
export interface WrittenCheckpoint {
  readonly files: readonly string[];
  /** Bytes of all tensors. */
  readonly totalBytes: number;
  /** Elements of all float tensors. */
  readonly totalParameters: number;
}

const FORMAT = { format: "pt" } as const;

/**
 * Writes a checkpoint as Hugging Face `save_pretrained` does: `model.safetensors`, or shards and
 * `model.safetensors.index.json`, and `config.json`. The folder is created where it is missing and must not hold weights
 * already. Everything is checked before anything is written, except the values, which must be finite. Use it inside
 * `writeOutputFolder` to write all or nothing. Throws `CheckpointError` and `OutputError`.
 */
export async function writeCheckpoint(
  folder: string,
  contents: CheckpointContents,
): Promise<WrittenCheckpoint> {
  const { dtype, maxShardBytes = 5e9, extraFiles = [], areFinite } = contents;
  const config = configToWrite(contents.config, dtype);
  const sources = await collectSources(contents.tensors, dtype);
  const shards = splitIntoShards(sources, maxShardBytes);
  checkExtraFiles(extraFiles);
  await prepareFolder(folder);

  const files: string[] = [];
  const weightMap: [string, string][] = [];
  for (const [k, shard] of shards.entries()) {
    const name = shards.length === 1 ? WEIGHTS_NAME : shardName(k, shards.length);
    for (const { source } of shard) weightMap.push([source.name, name]);
    await writeSources(join(folder, name), shard, FORMAT, { areFinite });
    files.push(name);
  }
  const totalBytes = sources.reduce((sum, { bytes }) => sum + bytes, 0);
  const totalParameters = sources
    .filter((planned) => planned.dtype !== "I32")
    .reduce((sum, planned) => sum + planned.bytes / DTYPE_BYTES[planned.dtype], 0);
  if (shards.length > 1) {
    const index = {
      metadata: { total_parameters: totalParameters, total_size: totalBytes },
      weight_map: Object.fromEntries(weightMap),
    };
    await writeFileAtomically(join(folder, INDEX_NAME), renderPythonJson(index));
    files.push(INDEX_NAME);
  }
  await writeFileAtomically(join(folder, "config.json"), config);
  files.push("config.json");
  for (const extra of extraFiles) {
    await writeExtraFile(join(folder, extra.name), extra);
    files.push(extra.name);
  }
  return { files, totalBytes, totalParameters };
}

/** Fills shards in order: a tensor that would overfill the current one starts the next, as Hugging Face does. */
function splitIntoShards(
  sources: readonly PlannedSource[],
  maxShardBytes: number,
): readonly PlannedSource[][] {
  if (!Number.isFinite(maxShardBytes) || maxShardBytes < 1) {
    throw new CheckpointError(
      "checkpoint/bad-shard-size",
      `The largest shard size must be a positive number of bytes, not ${maxShardBytes}.`,
      { expected: "a positive number", actual: String(maxShardBytes) },
    );
  }
  const shards: PlannedSource[][] = [];
  let current: PlannedSource[] = [];
  let currentBytes = 0;
  for (const planned of sources) {
    if (planned.bytes > maxShardBytes) {
      shards.push([planned]);
      continue;
    }
    if (currentBytes + planned.bytes > maxShardBytes) {
      shards.push(current);
      current = [];
      currentBytes = 0;
    }
    current.push(planned);
    currentBytes += planned.bytes;
  }
  if (current.length > 0 || shards.length === 0) shards.push(current);
  return shards;
}

function shardName(index: number, count: number): string {
  const number = (value: number): string => String(value).padStart(5, "0");
  return `model-${number(index + 1)}-of-${number(count)}.safetensors`;
}

function configToWrite(config: RawConfig, dtype: OutputDtype): string {
  const { model_type: modelType, architectures } = config;
  if (typeof modelType !== "string" || modelType === "") {
    throw new CheckpointError(
      "checkpoint/config-no-model-type",
      `The config to write has no "model_type".`,
    );
  }
  if (!Array.isArray(architectures) || architectures.length === 0) {
    throw new CheckpointError(
      "checkpoint/config-no-architectures",
      `The config to write has no "architectures": name the class, for example ["BertForMaskedLM"].`,
    );
  }
  return renderConfig(configOfDtype(config, dtype));
}

/** A config as it is written beside weights of a dtype: `dtype` and `torch_dtype` are set to that, where present. */
export function configOfDtype(config: RawConfig, dtype: OutputDtype): RawConfig {
  const known = ["dtype", "torch_dtype"].filter((key) => key in config);
  return { ...config, ...Object.fromEntries(known.map((key) => [key, TORCH_DTYPE[dtype]])) };
}

/** A plain name, or one in a folder of its own: no way up, no separators of other systems. */
const EXTRA_NAME = /^(?!\.{1,2}(?:\/|$))[^/\\]+(?:\/(?!\.{1,2}$)[^/\\]+)?$/;

function checkExtraFiles(extraFiles: readonly ExtraFile[]): void {
  const taken = new Set(["config.json"]);
  for (const { name } of extraFiles) {
    const isPlain = EXTRA_NAME.test(name);
    if (!isPlain || taken.has(name) || /^model.*\.safetensors(\.index\.json)?$/.test(name)) {
      throw new OutputError(
        "output/bad-file-name",
        `A checkpoint cannot hold an extra file named ${JSON.stringify(name)}: it must be a plain, unused file name.`,
        { file: name },
      );
    }
    taken.add(name);
  }
}

/** Old weights beside new ones would be loaded in their place, so none may be there. */
async function prepareFolder(folder: string): Promise<void> {
  let names: string[];
  try {
    await mkdir(folder, { recursive: true });
    names = await readdir(folder);
  } catch (cause) {
    throw new OutputError(
      "output/not-writable",
      `The folder ${folder} cannot be created or read (${systemCode(cause) ?? String(cause)}).`,
      { file: folder, cause },
    );
  }
  const weights = names.find((name) => /^model.*\.safetensors(\.index\.json)?$/.test(name));
  if (weights !== undefined) {
    throw new OutputError(
      "output/not-empty",
      `The folder ${folder} already holds ${weights}. Write the checkpoint to another folder.`,
      { file: folder, actual: weights },
    );
  }
}

async function writeExtraFile(target: string, extra: ExtraFile): Promise<void> {
  try {
    await mkdir(dirname(target), { recursive: true });
  } catch (cause) {
    throw writeFailure(target, cause);
  }
  await ("contents" in extra
    ? writeFileAtomically(target, extra.contents)
    : copyIntoFolder(extra.path, target));
}
