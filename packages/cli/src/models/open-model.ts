import { existsSync } from "node:fs";
import { readResolved, resolveTensors } from "@ligo/core";
import { openCheckpoint, readConfig, type Checkpoint } from "@ligo/checkpoint";
import { findArchitecture, type FindArchitectureOptions } from "./find-architecture.js";
import { describeModel, type ModelSpec } from "./model-spec.js";
import { UsageError } from "../usage-error.js";
import { withFile } from "./with-file.js";

/** An open checkpoint whose tensors are known. */
export interface OpenedModel {
  readonly spec: ModelSpec;
  readonly checkpoint: Checkpoint;
  /** Stored tensors that are not read: copies, tied ones, buffers, heads the class lacks. */
  readonly ignored: readonly string[];
  /** Numbers of a tensor by canonical name: all in a new array, or as many as `into` is long from `start` on. */
  read(name: string, into?: Float32Array, start?: number): Promise<Float32Array>;
  /** All tensors with numbers of their own, by canonical name. */
  readAll(signal?: AbortSignal): Promise<ReadonlyMap<string, Float32Array>>;
  close(): Promise<void>;
}

/**
 * Opens a checkpoint and pairs its tensors with the layout of its config, from headers only. Throws what
 * `openCheckpoint`, `findArchitecture`, `describeModel` and `resolveTensors` throw, and `cli/hub-id`.
 */
export async function openModel(
  path: string,
  options: FindArchitectureOptions,
): Promise<OpenedModel> {
  refuseHubId(path);
  const checkpoint = await openCheckpoint(path);
  try {
    const { config, configFile } = checkpoint;
    const architecture = await findArchitecture(String(config["model_type"]), options);
    const spec = describeModel(architecture, config, configFile);
    const weights = checkpoint.files.length === 1 ? checkpoint.files[0] : checkpoint.folder;
    const resolved = withFile(weights ?? checkpoint.folder, () =>
      resolveTensors(spec.layout, checkpoint.headers),
    );
    const read: OpenedModel["read"] = (name, into, start) =>
      readResolved(
        resolved,
        name,
        (stored, array, first) => checkpoint.read(stored, array, first),
        into,
        start,
      );
    return {
      spec,
      checkpoint,
      ignored: resolved.dropped,
      read,
      async readAll(signal) {
        const all = new Map<string, Float32Array>();
        for (const name of resolved.tensors.keys()) {
          signal?.throwIfAborted();
          all.set(name, await read(name));
        }
        return all;
      },
      close: () => checkpoint.close(),
    };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

/** All weights of a checkpoint, by canonical name. */
export async function readWeights(
  path: string,
  options: FindArchitectureOptions,
): Promise<ReadonlyMap<string, Float32Array>> {
  const model = await openModel(path, options);
  try {
    return await model.readAll();
  } finally {
    await model.close();
  }
}

/** The model a `config.json` describes. */
export async function readModelSpec(
  file: string,
  options: FindArchitectureOptions,
): Promise<ModelSpec> {
  const raw = await readConfig(file);
  const architecture = await findArchitecture(String(raw["model_type"]), options);
  return describeModel(architecture, raw, file);
}

/** `organisation/name` that is no path here is a name on the Hugging Face hub. */
function refuseHubId(path: string): void {
  const parts = /^([\w-][\w.-]*)\/[\w.-]+$/.exec(path);
  if (parts === null || existsSync(path) || existsSync(parts[1] ?? "")) return;
  if (/\.(safetensors|bin|json)$/.test(path)) return;
  throw new UsageError(
    "cli/hub-id",
    `There is no folder ${path}. If it is a name on the Hugging Face hub: those are not supported yet. Download it first:\n` +
      `hf download ${path} --local-dir ${path}`,
    { file: path },
  );
}
