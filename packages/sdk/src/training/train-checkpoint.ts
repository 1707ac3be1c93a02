import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parameterCount, writtenTensors } from "@ligo/core";
import { writeCheckpoint, type FloatDtype, type OutputDtype } from "@ligo/checkpoint";
import { initialDeviation } from "../models/initial-deviation.js";
import { companionFiles, readCompanions } from "../models/companion-files.js";
import { loadEngine, type EngineName } from "../models/load-engine.js";
import type { ModelSpec } from "../models/model-spec.js";
import { modulesOf, weightsForClass } from "../models/open-for-class.js";
import {
  openModel,
  readModelSpec,
  readWeights,
  type OpenModelOptions,
} from "../models/open-model.js";
import { outputDtype, type DtypeName } from "../models/output-dtype.js";
import { peakMemoryBytes } from "../peak-memory.js";
import { microBatchSize } from "../tasks/micro-batches.js";
import { openTask } from "../tasks/open-task.js";
import { withClass, type ClassOptions } from "../tasks/target-config.js";
import type { ImageTaskOptions, TeacherOptions, TextTaskOptions } from "../tasks/task-options.js";
import { silent, type Reporter } from "../reporter.js";
import {
  RECORD_NAME,
  configHash,
  readRecord,
  recordedSettings,
  softwareVersions,
  sourceRecord,
  writeRecord,
} from "../models/record-file.js";
import {
  RECIPE_NAME,
  given,
  noteVersions,
  readRecipe,
  recipeInputs,
  recipeOptions,
  recipeSettings,
  type Recipe,
  type StoredRecipe,
} from "../runs/recipe.js";
import { inRun, isDone, type Run } from "../runs/run-folder.js";
import type { Overrides, RunOptions } from "../runs/run-options.js";
import { readStart } from "../runs/stepper-checkpoint.js";
import { createTimings, type Timings } from "../timings.js";
import { TRAIN_DEFAULTS } from "../train-defaults.js";
import { METRICS_NAME } from "./metrics-file.js";
import { optimizationSettings, type OptimizationOptions } from "./optimization-options.js";
import { UsageError } from "../usage-error.js";
import { checkSkipping, type SkippingSettings } from "./skipping.js";
import { trainOnTask, type TrainingOutcome } from "./train-on-task.js";

export interface TrainOptions
  extends
    OpenModelOptions,
    ClassOptions,
    ImageTaskOptions,
    TextTaskOptions,
    TeacherOptions,
    OptimizationOptions,
    SkippingSettings,
    RunOptions {
  /** A checkpoint to train on, or a `config.json` to train from scratch. */
  readonly checkpoint: string;
  /** Files, folders and globs. */
  readonly data: readonly string[];
  /** What to judge by, instead of what is held out of `data`. */
  readonly evalData?: readonly string[] | undefined;
  /** Name of the objective. Default: the one the model's class is made for. */
  readonly objective?: string | undefined;
  /** Folder to write; must not exist or be empty. */
  readonly out: string;
  /** Default 1000. */
  readonly steps?: number | undefined;
  /**
   * Steps that were trained before, by other runs: the order of the data, masking, dropout and the learning rate go on from
   * there; the optimiser's moments start anew. Default 0.
   */
  readonly stepsBefore?: number | undefined;
  /** Steps that the schedule of the learning rate is laid out over. Default `stepsBefore + steps`. */
  readonly scheduleSteps?: number | undefined;
  /** Instead of `steps`: how often all training data are seen. */
  readonly epochs?: number | undefined;
  /** Sequences or images of an update. */
  readonly batch?: number | undefined;
  /** Parts that an update's batch is taken in, one after the other, to save memory. Must divide `batch`. Default 1. */
  readonly accumulate?: number | undefined;
  /** Compute activations anew in the backward pass instead of keeping them, to save memory. Default false. */
  readonly checkpointActivations?: boolean | undefined;
  /** Tokens of a sequence; capped at what the model has positions for. */
  readonly sequence?: number | undefined;
  readonly learningRate?: number | undefined;
  /** Steps over which the learning rate rises. Default a tenth of those of the schedule. */
  readonly warmup?: number | undefined;
  readonly weightDecay?: number | undefined;
  /** Largest norm of the gradient. */
  readonly clipNorm?: number | undefined;
  /** Names of parameters that stay as they are, `*` for any part of a name. */
  readonly freeze?: readonly string[] | undefined;
  /** Names of parameters without weight decay, beside biases and norms. */
  readonly undecayed?: readonly string[] | undefined;
  /** Evaluate on held-out data every so many steps; always at the end. */
  readonly evaluateEvery?: number | undefined;
  /** End at the first evaluation with a held-out loss at or below this. Needs `evaluateEvery`. */
  readonly targetLoss?: number | undefined;
  readonly seed?: number | undefined;
  readonly heldOut?: number | undefined;
  readonly tokenizer?: string | undefined;
  readonly engine?: EngineName | undefined;
  readonly dtype?: DtypeName | undefined;
  readonly reporter?: Reporter | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What training did. */
export interface TrainResult {
  readonly out: string;
  readonly parameters: number;
  /** Steps done. */
  readonly steps: number;
  /** Whether a target loss was reached, where one was set. */
  readonly target_reached?: boolean;
  /** Loss of the last step on its batch. */
  readonly loss: number;
  /** Names of the objectives of training and of evaluation. */
  readonly objective: string;
  readonly judged_by: string;
  /** On held-out data, after the last step. */
  readonly held_out: TrainingOutcome["heldOut"];
  /** Of text. */
  readonly tokens?: number;
  /** Of images. */
  readonly images?: number;
  /** Floating-point operations of the matrix products of all steps. */
  readonly flops: number;
  readonly seconds: Readonly<Record<string, number>>;
  /** Most memory the process held at once, in bytes. */
  readonly peak_memory_bytes: number;
  readonly files: readonly string[];
}

/** What may be told a run that is resumed: how it is saved, where its inputs are now, and who watches. */
export type ResumeTrainingOptions = Overrides<Omit<TrainOptions, "out">>;

/** What the record of a training holds of its result. */
type FinishedTraining = Omit<TrainResult, "out">;
const FINISHED = [
  "parameters",
  "steps",
  "target_reached",
  "loss",
  "objective",
  "judged_by",
  "held_out",
  "tokens",
  "images",
  "flops",
  "seconds",
  "peak_memory_bytes",
  "files",
] as const satisfies readonly (keyof FinishedTraining)[];

/** What is trained and where it starts. */
interface Start {
  readonly spec: ModelSpec;
  readonly folder: string;
  readonly dtype: FloatDtype;
  weights(): Promise<ReadonlyMap<string, Float32Array>>;
  record(): Promise<Readonly<Record<string, unknown>>>;
  close(): Promise<void>;
}

/**
 * Trains a checkpoint on, or a new model from its config, by one of its objectives; writes the trained checkpoint,
 * `metrics.jsonl`, `recipe.json` and `ligo.json`, and checkpoints on the way. Nothing is left behind where it fails before
 * the first checkpoint. Throws `LigoError`s for bad input; where the signal is aborted, `cli/interrupted` once a step is
 * saved, and the signal's reason before.
 */
export async function trainCheckpoint(options: TrainOptions): Promise<TrainResult> {
  return runTraining(options, undefined);
}

/**
 * Goes on with a training that was stopped, in its run folder, as if it had never been: on the `onnx` engine and the same
 * machine bit for bit. Settings come from its recipe; options that differ are refused with `run/changed`, but for
 * `saveEvery`, `saveMinutes` and `keep`, and for paths, whose contents must be the same. A run that is finished already is
 * left as it is. Throws what {@link trainCheckpoint} throws and `RunError`s.
 */
export async function resumeTraining(
  folder: string,
  options: ResumeTrainingOptions = {},
): Promise<TrainResult> {
  const recipe = await readRecipe(folder, "train");
  // what a sealed recipe holds was options of this command
  const before = recipeOptions(recipe) as unknown as TrainOptions;
  const { reporter } = options;
  if (await isDone(folder)) {
    reporter?.note(`The run in ${folder} is finished already.`);
    return { out: folder, ...(await readRecord<FinishedTraining>(folder, FINISHED)) };
  }
  noteVersions(recipe, options.reporter);
  return runTraining({ ...before, ...given(options), out: folder }, recipe);
}

async function runTraining(
  options: TrainOptions,
  resume: StoredRecipe | undefined,
): Promise<TrainResult> {
  const settings = withDefaults(options);
  checkTarget(settings);
  microBatchSize(settings.batch, settings.accumulate);
  const start = await openStart(options);
  const { keep, out, saveEvery, saveMinutes, signal } = options;
  const timings = createTimings();
  try {
    const saving = { keep, saveEvery, saveMinutes };
    return await inRun({ ...saving, command: "train", out, resume, signal, timings }, (run) =>
      trainInto(run, start, options, timings),
    );
  } finally {
    await start.close();
  }
}

async function openStart(options: TrainOptions): Promise<Start> {
  const path = options.checkpoint;
  const isConfig =
    path.endsWith(".json") &&
    (await stat(path).then(
      (found) => found.isFile(),
      () => false,
    ));
  return isConfig ? fromConfig(path, options) : fromCheckpoint(path, options);
}

/** Where what starts at random starts. */
function initialisation(
  spec: ModelSpec,
  { seed = TRAIN_DEFAULTS.seed }: TrainOptions,
): { readonly seed: number; readonly deviation: number } {
  return { seed, deviation: initialDeviation(spec) };
}

/** Whether a model is to have another class than its config says, or other labels. */
function changesClass({ className, labels }: ClassOptions, named: string): boolean {
  return labels !== undefined || (className !== undefined && className !== named);
}

async function fromCheckpoint(path: string, options: TrainOptions): Promise<Start> {
  const model = await openModel(path, options);
  const common = {
    folder: model.checkpoint.folder,
    dtype: model.checkpoint.dtype,
    record: () => sourceRecord(model),
    close: () => model.close(),
  };
  const { architecture, className, file, raw } = model.spec;
  if (!changesClass(options, className)) {
    return { ...common, spec: model.spec, weights: () => model.readAll(options.signal) };
  }
  try {
    const { folder } = common;
    const spec = await withClass(architecture, raw, file, options, { ...options, folder });
    const weights = weightsForClass(model, spec);
    const note = (text: string, names: readonly string[]): void => {
      if (names.length > 0) options.reporter?.note(`${text}: ${modulesOf(names)}.`);
    };
    options.reporter?.note(`Trains ${spec.className} from a ${className}.`);
    note("Starts at random, as the checkpoint lacks it", weights.fresh);
    note("Left out, as it has no use", weights.unused);
    return {
      ...common,
      spec,
      weights: () => weights.readAll(initialisation(spec, options), options.signal),
    };
  } catch (error) {
    await model.close();
    throw error;
  }
}

async function fromConfig(path: string, options: TrainOptions): Promise<Start> {
  const plain = await readModelSpec(path, options);
  const folder = dirname(path);
  const { architecture, className, file, raw } = plain;
  const spec = changesClass(options, className)
    ? await withClass(architecture, raw, file, options, { ...options, folder })
    : plain;
  return {
    spec,
    folder,
    dtype: "F32",
    async weights() {
      const { initialWeights } = await import("@ligo/train");
      return initialWeights(spec.layout, initialisation(spec, options));
    },
    record: async () => ({
      path: resolve(path),
      class: spec.className,
      config_sha256: configHash(spec.raw),
    }),
    close: async () => undefined,
  };
}

async function trainInto(
  run: Run,
  start: Start,
  options: TrainOptions,
  timings: Timings,
): Promise<TrainResult> {
  const { spec } = start;
  const { layout } = spec;
  const reporter = options.reporter ?? silent;
  const plain = withDefaults(options);
  const task = await timings.time("read", () =>
    openTask(spec, {
      ...options,
      ...plain,
      batch: microBatchSize(plain.batch, plain.accumulate),
      folder: start.folder,
    }),
  );
  const { epochs } = options;
  const settings =
    epochs === undefined
      ? plain
      : withDefaults({
          ...options,
          steps: Math.ceil((epochs * task.batchesPerEpoch) / plain.accumulate),
        });
  const { accumulate, batch } = settings;
  await checkSkipping(spec, task, microBatchSize(batch, accumulate), settings);
  reporter.note(`${task.training} to train on by ${task.objective}, ${task.heldOut} held out.`);
  const engine = await loadEngine(settings.engine);
  const source = await timings.time("hash", () => start.record());
  const recipe: Recipe = {
    command: "train",
    settings: recipeSettings({ ...options, ...settings }),
    inputs: recipeInputs({
      engine: engine.name,
      source,
      data: await timings.time("hash", () => task.fingerprint()),
    }),
  };
  const { from } = run;
  const weights = await timings.time("read", () =>
    from === undefined ? start.weights() : readWeights(from.folder, options),
  );
  const extraFiles = await readCompanions(companionFiles(start.folder, task.files));
  const config = { ...spec.raw, architectures: [spec.className] };
  const save = (folder: string, dtype: OutputDtype, trained: typeof weights) =>
    writeCheckpoint(folder, {
      config,
      tensors: writtenTensors(layout).map(({ name, shape, source: canonical }) => ({
        name,
        shape,
        data: () => trained.get(canonical) ?? new Float32Array(0),
      })),
      dtype,
      extraFiles,
    });
  const teacherSteps =
    task.teacher === undefined
      ? undefined
      : (options.teacherSteps ??
        Math.round(TRAIN_DEFAULTS.teacherFraction * settings.scheduleSteps));
  const outcome = await trainOnTask({
    ...settings,
    teacherSteps,
    engine,
    spec,
    weights,
    task,
    run,
    recipe,
    start: from && (await readStart(from, weights)),
    async save(folder, trained) {
      await save(folder, "F32", trained);
    },
    reporter,
    timings,
    signal: options.signal,
  });
  const dtype = outputDtype(options.dtype, start.dtype);
  return run.finish(async (folder) => {
    const written = await timings.time("write", () => save(folder, dtype, outcome.weights));
    const { loss, flops } = outcome;
    const amount = { [task.unit]: outcome.amount };
    const result: FinishedTraining = {
      parameters: parameterCount(layout),
      steps: outcome.steps,
      ...(settings.targetLoss === undefined
        ? {}
        : { target_reached: outcome.heldOut.loss <= settings.targetLoss }),
      objective: task.objective,
      judged_by: task.judgedBy,
      loss,
      held_out: outcome.heldOut,
      ...amount,
      flops,
      seconds: timings.seconds,
      peak_memory_bytes: peakMemoryBytes(),
      files: [...written.files, METRICS_NAME, RECIPE_NAME, RECORD_NAME],
    };
    await writeRecord(folder, {
      format: "ligo.record",
      format_version: 1,
      command: "train",
      versions: softwareVersions(),
      settings: recordedSettings({
        ...settings,
        ...task.settings,
        ...(teacherSteps === undefined ? {} : { teacherSteps }),
        data: options.data,
        evalData: options.evalData,
      }),
      source,
      target: { class: spec.className, config_sha256: configHash(spec.raw), dtype },
      losses: { last: loss, held_out: outcome.heldOut.loss },
      ...result,
    });
    return { out: options.out, ...result };
  });
}

/** Throws `cli/no-evaluation`. */
function checkTarget({ evaluateEvery, targetLoss }: ReturnType<typeof withDefaults>): void {
  if (targetLoss === undefined || evaluateEvery !== undefined) return;
  throw new UsageError(
    "cli/no-evaluation",
    "A --target-loss is looked for at evaluations on the way. Add --eval-every <n>.",
    { expected: "--eval-every" },
  );
}

function withDefaults(options: TrainOptions) {
  const steps = options.steps ?? TRAIN_DEFAULTS.steps;
  const stepsBefore = options.stepsBefore ?? TRAIN_DEFAULTS.stepsBefore;
  const scheduleSteps = options.scheduleSteps ?? stepsBefore + steps;
  return {
    steps,
    stepsBefore,
    scheduleSteps,
    batch: options.batch ?? TRAIN_DEFAULTS.batch,
    accumulate: options.accumulate ?? TRAIN_DEFAULTS.accumulate,
    checkpointActivations: options.checkpointActivations ?? TRAIN_DEFAULTS.checkpointActivations,
    sequence: options.sequence ?? TRAIN_DEFAULTS.sequence,
    learningRate: options.learningRate ?? TRAIN_DEFAULTS.learningRate,
    warmup: options.warmup ?? Math.round(TRAIN_DEFAULTS.warmupFraction * scheduleSteps),
    weightDecay: options.weightDecay ?? TRAIN_DEFAULTS.weightDecay,
    clipNorm: options.clipNorm ?? TRAIN_DEFAULTS.clipNorm,
    freeze: options.freeze,
    undecayed: options.undecayed,
    evaluateEvery: options.evaluateEvery,
    targetLoss: options.targetLoss,
    dropTokens: options.dropTokens,
    dropLayers: options.dropLayers,
    ...optimizationSettings(options, TRAIN_DEFAULTS),
    seed: options.seed ?? TRAIN_DEFAULTS.seed,
    heldOut: options.heldOut ?? TRAIN_DEFAULTS.heldOut,
    engine: options.engine ?? TRAIN_DEFAULTS.engine,
  };
}
