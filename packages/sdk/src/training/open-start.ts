import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { RawConfig } from "@ligo/core";
import type { ExtraFile, FloatDtype } from "@ligo/checkpoint";
import type { Context } from "../context.js";
import { growthBehind, type GrowthSummary } from "../card/growth-summary.js";
import { findArchitecture } from "../models/find-architecture.js";
import { initialDeviation } from "../models/initial-deviation.js";
import { companionFiles } from "../models/companion-files.js";
import { IN_MEMORY, memoryCheckpoint } from "../models/memory-checkpoint.js";
import type { ModelSource, TrainSource } from "../models/model-source.js";
import { describeModel, type ModelSpec } from "../models/model-spec.js";
import { modulesOf, weightsForClass } from "../models/open-for-class.js";
import { openModel, readModelSpec, tellUnused } from "../models/open-model.js";
import { configHash, type SourceRecord } from "../models/record-file.js";
import type { CheckedTrainSettings } from "../settings/types.generated.js";
import type { EntriesByName } from "@ligo/train";
import type { FoundMoments } from "../moments/moments-file.js";
import { trainedEntries } from "./old-entries.js";
import { withClass, type ClassOptions } from "../tasks/target-config.js";
import { modelTypeOf } from "../models/model-type.js";

/** A model that is trained, and where it starts. */
export interface TrainingStart {
  readonly spec: ModelSpec;
  /** Folder to look for a tokenizer or a preprocessor in. */
  readonly folder: string;
  readonly dtype: FloatDtype;
  weights(): Promise<ReadonlyMap<string, Float32Array>>;
  /** The optimiser's moments beside the weights, where there are some; the caller closes them. */
  moments(): Promise<FoundMoments>;
  /** The growth that the model comes from, where it is known to come from one. */
  growth(): Promise<GrowthSummary | undefined>;
  /** The old entries of a grown model, where settings ask for them. */
  readonly old: EntriesByName | undefined;
  record(): Promise<SourceRecord>;
  companions(preferred: readonly ExtraFile[]): Promise<readonly ExtraFile[]>;
  close(): Promise<void>;
}

/** Settings that a start depends on. */
type StartSettings = CheckedTrainSettings;

/** Opens what training starts from. The caller closes it. */
export async function openStart(
  from: TrainSource,
  settings: StartSettings,
  context: Context,
): Promise<TrainingStart> {
  const options = { ...context, ...settings };
  if (typeof from === "string") {
    if (!(await isConfigFile(from))) return fromModel(from, settings, context);
    const spec = await readModelSpec(from, options);
    const record = { path: resolve(from) };
    return fromConfig(spec, dirname(from), record, settings, context);
  }
  if ("tensors" in from) return fromModel(from, settings, context);
  const { checkpoint, companionFolder } = memoryCheckpoint({ ...from, tensors: new Map() });
  try {
    const spec = await newSpec(from.config, options);
    const folder = await companionFolder();
    const start = await fromConfig(spec, folder, { path: null }, settings, context);
    return { ...start, close: () => checkpoint.close() };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

async function newSpec(
  config: RawConfig,
  options: Context & Pick<StartSettings, "architecture">,
): Promise<ModelSpec> {
  const architecture = await findArchitecture(modelTypeOf(config), options);
  return describeModel(architecture, config, `${IN_MEMORY}: config`);
}

async function isConfigFile(path: string): Promise<boolean> {
  if (!path.endsWith(".json")) return false;
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** Where weights that start at random start. */
function initialisation(
  spec: ModelSpec,
  { seed }: Pick<StartSettings, "seed">,
): { readonly seed: number; readonly deviation: number } {
  return { seed, deviation: initialDeviation(spec) };
}

/** Whether a model is to have another class than its config says, or other labels. */
function changesClass({ className, labels }: ClassOptions, named: string): boolean {
  return labels !== undefined || (className !== undefined && className !== named);
}

async function fromModel(
  from: ModelSource,
  settings: StartSettings,
  context: Context,
): Promise<TrainingStart> {
  const options = { ...context, ...settings };
  const model = await openModel(from, options);
  try {
    const folder = await model.folder();
    const common = {
      folder,
      dtype: model.checkpoint.dtype,
      moments: () => model.moments(),
      growth: () => growthBehind(folder),
      record: () => model.record(),
      companions: (preferred: readonly ExtraFile[]) => model.companions(preferred),
      close: () => model.close(),
    };
    const { architecture, className, file, raw } = model.spec;
    if (!changesClass(settings, className)) {
      tellUnused(model, className, [], context);
      return {
        ...common,
        spec: model.spec,
        old: await trainedEntries(from, folder, model.spec.layout, settings),
        weights: () => model.readAll(context.signal),
      };
    }
    const spec = await withClass(architecture, raw, file, settings, { ...options, folder });
    const weights = weightsForClass(model, spec);
    const [fresh, unused] = [modulesOf(weights.fresh), modulesOf(weights.unused)];
    context.emit({ type: "class", from: className, to: spec.className, fresh, unused });
    return {
      ...common,
      spec,
      old: await trainedEntries(from, folder, spec.layout, settings),
      weights: () => weights.readAll(initialisation(spec, settings), context.signal),
    };
  } catch (error) {
    await model.close();
    throw error;
  }
}

async function fromConfig(
  plain: ModelSpec,
  folder: string,
  record: SourceRecord,
  settings: StartSettings,
  context: Context,
): Promise<TrainingStart> {
  const { architecture, className, file, raw } = plain;
  const options = { ...context, ...settings, folder };
  const spec = changesClass(settings, className)
    ? await withClass(architecture, raw, file, settings, options)
    : plain;
  return {
    spec,
    folder,
    dtype: "F32",
    moments: async () => undefined,
    growth: async () => undefined,
    old: await trainedEntries({ config: raw }, folder, spec.layout, settings),
    async weights() {
      const { initialWeights } = await import("@ligo/train");
      return initialWeights(spec.layout, initialisation(spec, settings));
    },
    record: async () => ({
      ...record,
      class: spec.className,
      config_sha256: configHash(spec.raw),
    }),
    companions: async (preferred) => companionFiles(folder, preferred),
    close: async () => undefined,
  };
}
