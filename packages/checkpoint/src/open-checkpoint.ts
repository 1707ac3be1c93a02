import { join } from "node:path";
import type { RawConfig } from "@ligo/core";
import { findNotFinite, type FiniteTest } from "@ligo/core/operator";
import { findWeights, type CheckpointWeights } from "./checkpoint-files.js";
import { isFloatDtype, type Dtype, type FloatDtype } from "./dtype.js";
import { CheckpointError } from "./errors/checkpoint-error.js";
import { openSafetensors, type SafetensorsFile } from "./open-safetensors.js";
import { openShards } from "./open-shards.js";
import { readConfig } from "./read-config.js";
import { isRegularFile } from "./regular-file.js";
import { coordinates, elementCount, formatShape } from "./shape.js";
import { readShardIndex } from "./shard-index.js";

/** A stored tensor of a checkpoint, from the headers. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  /** Path of the safetensors file that holds it. */
  readonly file: string;
}

/** An open checkpoint: config and headers are in memory, weights are read on demand. */
export interface Checkpoint {
  readonly folder: string;
  /** Path of config.json. */
  readonly configFile: string;
  readonly config: RawConfig;
  /** Paths of the safetensors files, shards in order. */
  readonly files: readonly string[];
  /** Every stored tensor, by its name on disk. */
  readonly headers: ReadonlyMap<string, StoredTensor>;
  /** The float dtype most weights are stored in (counted in elements); F32 where there are none. */
  readonly dtype: FloatDtype;
  /**
   * Values as float32, row-major: all in a new array, or as many as `into` is long from value `start` (default 0) on, in
   * `into`. NaN and infinities are refused with `checkpoint/not-finite`; `areFinite` is a quick test for them, after which
   * values are looked through only where it is not sure.
   */
  read(
    storedName: string,
    into?: Float32Array,
    start?: number,
    areFinite?: FiniteTest,
  ): Promise<Float32Array>;
  /** Releases the files. */
  close(): Promise<void>;
}

/**
 * Opens a Hugging Face checkpoint: a folder with `model.safetensors` or shards and their index, or a `.safetensors`
 * file beside its `config.json`. Only headers are read. Throws `CheckpointError`.
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const weights = await findWeights(path);
  const configFile = join(weights.folder, "config.json");
  const config = await readConfig(configFile);
  return joinFiles(weights.folder, configFile, config, await openWeights(weights));
}

/** Joins open files to a checkpoint. */
export function joinFiles(
  folder: string,
  configFile: string,
  config: RawConfig,
  files: readonly SafetensorsFile[],
): Checkpoint {
  const holders = new Map<string, SafetensorsFile>();
  const headers = new Map<string, StoredTensor>();
  for (const file of files) {
    for (const [name, { shape, dtype }] of file.tensors) {
      holders.set(name, file);
      headers.set(name, { shape, dtype, file: file.path });
    }
  }
  return {
    folder,
    configFile,
    config,
    files: files.map((file) => file.path),
    headers,
    dtype: commonFloatDtype(headers),
    async read(storedName, into, start = 0, areFinite) {
      const holder = holders.get(storedName);
      if (holder === undefined) {
        throw new CheckpointError(
          "checkpoint/no-such-tensor",
          `The checkpoint in ${folder} has no tensor ${JSON.stringify(storedName)}.`,
          { file: folder, tensor: storedName },
        );
      }
      const values = await holder.read(storedName, into, start);
      if (await areFinite?.(values)) return values;
      checkFinite(
        values,
        start,
        holder.tensors.get(storedName)?.shape ?? [],
        storedName,
        holder.path,
      );
      return values;
    },
    async close(): Promise<void> {
      await Promise.all(files.map((file) => file.close()));
    },
  };
}

/** Refuses NaN and infinities among the values of a tensor from `start` on, naming the first. */
function checkFinite(
  values: Float32Array,
  start: number,
  shape: readonly number[],
  tensor: string,
  file: string,
): void {
  const index = findNotFinite(values);
  if (index === -1) return;
  throw new CheckpointError(
    "checkpoint/not-finite",
    `Tensor ${JSON.stringify(tensor)} in ${file} holds ${values[index]} at ${formatShape(coordinates(shape, start + index))}. ` +
      `The checkpoint is damaged or its training diverged: use another one.`,
    { file, tensor, expected: "finite numbers", actual: String(values[index]) },
  );
}

async function openWeights(weights: CheckpointWeights): Promise<readonly SafetensorsFile[]> {
  if ("file" in weights) return [await openSafetensors(weights.file)];
  const { folder, index } = weights;
  return openShards(await readShardIndex(index), index, async (shard) => {
    const file = join(folder, shard);
    if (await isRegularFile(file)) return openSafetensors(file);
    throw new CheckpointError(
      "checkpoint/missing-shard",
      `${index} names the shard ${shard}, but ${file} is not a file. Download it.`,
      { file: index, expected: shard },
    );
  });
}

function commonFloatDtype(headers: ReadonlyMap<string, StoredTensor>): FloatDtype {
  const elements = new Map<FloatDtype, number>();
  for (const { dtype, shape } of headers.values()) {
    if (!isFloatDtype(dtype)) continue;
    const count = elementCount(shape) ?? 0;
    elements.set(dtype, (elements.get(dtype) ?? 0) + count);
  }
  const ranked = [...elements].toSorted(([, a], [, b]) => b - a);
  return ranked[0]?.[0] ?? "F32";
}
