import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Architecture, RawConfig } from "@ligo/core";
import { readResolved, resolveTensors } from "@ligo/core/layout";
import type { FiniteTest } from "@ligo/core/operator";
import {
  checkFloatWeights,
  checkNotQuantised,
  openCheckpoint,
  readConfig,
  type Checkpoint,
  type ExtraFile,
} from "@ligo/checkpoint";
import { momentsInMemory } from "../moments/moments.js";
import { openMomentsIn, type FoundMoments } from "../moments/moments-file.js";
import { checkDropped } from "./check-dropped.js";
import { companionFiles, leftBehind } from "./companion-files.js";
import type { Context } from "../context.js";
import { CARD_NAME } from "../card/card-head.js";
import { findArchitecture, type FindArchitectureOptions } from "./find-architecture.js";
import { localModel, openHeaders, type HubAccess, type HubOrigin } from "./hub-models.js";
import { memoryCheckpoint } from "./memory-checkpoint.js";
import { describeModel, type ModelSpec } from "./model-spec.js";
import type { ModelSource } from "./model-source.js";
import { impliedKeys } from "./optional-parts.js";
import { memoryRecord, sourceRecord, type SourceRecord } from "./record-file.js";
import { withFile } from "./with-file.js";
import { modelTypeOf } from "./model-type.js";

export interface OpenModelOptions extends FindArchitectureOptions, HubAccess {
  /** Whether the weights are never read: then those on the hub are not downloaded. */
  readonly headersOnly?: boolean | undefined;
  /** Is told what of the model's folder is left behind. */
  readonly emit?: Context["emit"] | undefined;
}

/** An open checkpoint whose tensors are known. */
export interface OpenedModel {
  readonly spec: ModelSpec;
  readonly checkpoint: Checkpoint;
  /** Where it was downloaded from. */
  readonly hub?: HubOrigin | undefined;
  /** Stored tensors that are not read: copies, tied ones, buffers, heads the class lacks. */
  readonly ignored: readonly string[];
  /** Of these, the ones whose numbers are nowhere else: heads the class lacks. */
  readonly unused: readonly string[];
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
  /** Folder to look for a tokenizer or a preprocessor in. */
  folder(): Promise<string>;
  /**
   * Files that go beside the weights of what is made of the model; `preferred` ones take their place. Files of its folder that do
   * not are told.
   */
  companions(preferred?: readonly ExtraFile[]): Promise<readonly ExtraFile[]>;
  /** The optimiser's moments beside its weights, where it has some; the caller closes them. */
  moments(): Promise<FoundMoments>;
  /** Facts that tell it from others, hashes above all. Reads it whole. */
  record(signal?: AbortSignal): Promise<SourceRecord>;
  close(): Promise<void>;
}

/** Where a model is read from. */
interface Place {
  readonly checkpoint: Checkpoint;
  readonly hub?: HubOrigin;
  folder(): Promise<string>;
  moments(): Promise<FoundMoments>;
  record(spec: ModelSpec, signal?: AbortSignal): Promise<SourceRecord>;
}

/**
 * Opens a model (in memory, a path, or an id on the hub, which is downloaded) and pairs its tensors with the layout of its
 * config, from headers only. Throws what `openCheckpoint`, `downloadModel`, `findArchitecture`, `describeModel`,
 * `resolveTensors` and `checkDropped` throw, and `checkpoint/quantised`.
 */
export async function openModel(
  source: ModelSource,
  options: OpenModelOptions,
): Promise<OpenedModel> {
  const place = await openPlace(source, options);
  const { checkpoint } = place;
  try {
    const { config, configFile } = checkpoint;
    const architecture = await architectureOf(config, configFile, options);
    checkNotQuantised(checkpoint);
    const implied = impliedKeys(architecture, checkpoint.headers.keys());
    const spec = describeModel(architecture, config, configFile, undefined, implied);
    const weights = checkpoint.files.length === 1 ? checkpoint.files[0] : checkpoint.folder;
    const resolved = withFile(weights ?? checkpoint.folder, () =>
      resolveTensors(spec.layout, checkpoint.headers),
    );
    checkFloatWeights(checkpoint, resolved.tensors.values());
    await checkDropped(checkpoint, resolved, spec);
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
      hub: place.hub,
      ignored: resolved.dropped,
      unused: resolved.unused,
      read,
      async readAll(signal) {
        const all = new Map<string, Float32Array>();
        for (const name of resolved.tensors.keys()) {
          signal?.throwIfAborted();
          all.set(name, await read(name));
        }
        return all;
      },
      folder: () => place.folder(),
      async companions(preferred) {
        const folder = await place.folder();
        const files = companionFiles(folder, preferred);
        const names = leftBehind(folder, files, checkpoint.files).filter(
          // the new card leads to that of a model of the hub
          (name) => name !== CARD_NAME || place.hub === undefined,
        );
        if (names.length > 0)
          options.emit?.({ type: "warning", code: "companions-left-out", names });
        return files;
      },
      moments: () => place.moments(),
      record: (signal) => place.record(spec, signal),
      close: () => checkpoint.close(),
    };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

/**
 * Tells stored tensors that what is made of a model will not have, as its class has no place for them.
 *
 * @param className the class of what is made
 * @param dropped parameters of the model that this class lacks
 */
export function tellUnused(
  { unused }: OpenedModel,
  className: string,
  dropped: readonly string[],
  { emit }: Pick<Context, "emit">,
): void {
  const names = [...unused, ...dropped];
  if (names.length > 0) emit({ type: "warning", code: "tensors-left-out", className, names });
}

/** All weights of a checkpoint, by canonical name. */
export async function readWeights(
  source: ModelSource,
  options: OpenModelOptions,
): Promise<ReadonlyMap<string, Float32Array>> {
  const model = await openModel(source, options);
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
  return describeModel(await architectureOf(raw, file, options), raw, file);
}

/** The architecture that a config names. Throws what {@link findArchitecture} throws. */
export function architectureOf(
  config: RawConfig,
  file: string,
  options: FindArchitectureOptions,
): Promise<Architecture> {
  // a model in memory has no folder
  const checkpoint = existsSync(file) ? dirname(file) : undefined;
  return findArchitecture(modelTypeOf(config), { ...options, checkpoint });
}

/** Files with their contents in memory, to be written again and again whatever becomes of their folder. */
export async function readCompanions(files: readonly ExtraFile[]): Promise<readonly ReadFile[]> {
  return Promise.all(
    files.map(async (file) =>
      "path" in file ? { name: file.name, contents: await readFile(file.path) } : file,
    ),
  );
}

/** A file whose contents are in memory. */
export type ReadFile = Extract<ExtraFile, { readonly contents: unknown }>;

/** Opens a model in memory, or a checkpoint where it is or was downloaded to. */
async function openPlace(source: ModelSource, options: OpenModelOptions): Promise<Place> {
  if (typeof source !== "string") {
    const { checkpoint, companionFolder } = memoryCheckpoint(source);
    return {
      checkpoint,
      folder: companionFolder,
      moments: async () => source.moments && momentsInMemory(source.moments),
      record: async (spec) => memoryRecord(source, spec),
    };
  }
  const { checkpoint, ...origin } = await openPath(source, options);
  return {
    checkpoint,
    ...origin,
    folder: async () => checkpoint.folder,
    moments: () => openMomentsIn(checkpoint.folder),
    record: (spec, signal) => sourceRecord(checkpoint, spec, origin.hub, signal),
  };
}

async function openPath(
  path: string,
  options: OpenModelOptions,
): Promise<{ readonly checkpoint: Checkpoint; readonly hub?: HubOrigin }> {
  if (options.headersOnly === true) return { checkpoint: await openHeaders(path, options) };
  const { path: local, ...origin } = await localModel(path, options);
  return { checkpoint: await openCheckpoint(local), ...origin };
}
