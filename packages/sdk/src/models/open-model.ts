import { readResolved, resolveTensors, type FiniteTest } from "@ligo/core";
import { openCheckpoint, readConfig, type Checkpoint } from "@ligo/checkpoint";
import { findArchitecture, type FindArchitectureOptions } from "./find-architecture.js";
import { localModel, openHeaders, type HubAccess, type HubOrigin } from "./hub-models.js";
import { describeModel, type ModelSpec } from "./model-spec.js";
import { withFile } from "./with-file.js";

export interface OpenModelOptions extends FindArchitectureOptions, HubAccess {
  /** Whether the weights are never read: then those on the hub are not downloaded. */
  readonly headersOnly?: boolean | undefined;
}

/** An open checkpoint whose tensors are known. */
export interface OpenedModel {
  readonly spec: ModelSpec;
  readonly checkpoint: Checkpoint;
  /** Where it was downloaded from. */
  readonly hub?: HubOrigin | undefined;
  /** Stored tensors that are not read: copies, tied ones, buffers, heads the class lacks. */
  readonly ignored: readonly string[];
  /**
   * Numbers of a tensor by canonical name: all in a new array, or as many as `into` is long from `start` on. `areFinite` is
   * that of {@link Checkpoint.read}.
   */
  read(
    name: string,
    into?: Float32Array,
    start?: number,
    areFinite?: FiniteTest,
  ): Promise<Float32Array>;
  /** All tensors with numbers of their own, by canonical name. */
  readAll(signal?: AbortSignal): Promise<ReadonlyMap<string, Float32Array>>;
  close(): Promise<void>;
}

/**
 * Opens a checkpoint (a path, or an id on the hub, which is downloaded) and pairs its tensors with the layout of its config,
 * from headers only. Throws what `openCheckpoint`, `downloadModel`, `findArchitecture`, `describeModel` and
 * `resolveTensors` throw.
 */
export async function openModel(path: string, options: OpenModelOptions): Promise<OpenedModel> {
  const { checkpoint, hub } = await openPlace(path, options);
  try {
    const { config, configFile } = checkpoint;
    const architecture = await findArchitecture(String(config["model_type"]), options);
    const spec = describeModel(architecture, config, configFile);
    const weights = checkpoint.files.length === 1 ? checkpoint.files[0] : checkpoint.folder;
    const resolved = withFile(weights ?? checkpoint.folder, () =>
      resolveTensors(spec.layout, checkpoint.headers),
    );
    const read: OpenedModel["read"] = (name, into, start, areFinite) =>
      readResolved(
        resolved,
        name,
        (stored, array, first) => checkpoint.read(stored, array, first, areFinite),
        into,
        start,
      );
    return {
      spec,
      checkpoint,
      hub,
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

/** Opens a checkpoint where it is, or where it was downloaded to. */
async function openPlace(
  text: string,
  options: OpenModelOptions,
): Promise<{ readonly checkpoint: Checkpoint; readonly hub?: HubOrigin }> {
  if (options.headersOnly === true) return { checkpoint: await openHeaders(text, options) };
  const { path, ...origin } = await localModel(text, options);
  return { checkpoint: await openCheckpoint(path), ...origin };
}
