import {
  methodNamed,
  parameterCount,
  type LigoOptions,
  type InitialDepth,
  type MethodName,
  type Operator,
  type WidthScope,
} from "@ligo/core";
import { writeOutputFolder } from "@ligo/checkpoint";
import type { OperatorRates } from "@ligo/train";
import { GROW_DEFAULTS } from "../grow-defaults.js";
import { startOperator, withOperator, type OpenedOperator } from "./grow-operator.js";
import { createGrowthEvaluator, type GrowthEvaluator, type GrowthLosses } from "./growth-losses.js";
import { learnOnTask, type Learned, type LearningProgress } from "./learn-on-task.js";
import { loadEngine, type EngineName } from "../models/load-engine.js";
import { withOperatorEpsilon } from "./norm-epsilon.js";
import { openGrowth, type Growth, type GrowthOptions } from "./open-growth.js";
import type { DtypeName } from "../models/output-dtype.js";
import { readRecord, sourceRecord, type SourceRecord } from "../models/record-file.js";
import { peakMemoryBytes } from "../peak-memory.js";
import {
  RECIPE_NAME,
  given,
  noteVersions,
  readRecipe,
  recipeInputs,
  recipeOptions,
  recipeSettings,
  type StoredRecipe,
} from "../runs/recipe.js";
import { inRun, isDone, type Run } from "../runs/run-folder.js";
import type { Overrides, RunOptions } from "../runs/run-options.js";
import { microBatchSize } from "../tasks/micro-batches.js";
import { openTask } from "../tasks/open-task.js";
import type { ImageTaskOptions, TeacherOptions, TextTaskOptions } from "../tasks/task-options.js";
import type { Task } from "../tasks/task.js";
import { silent, type Reporter } from "../reporter.js";
import { METRICS_NAME } from "../training/metrics-file.js";
import { initialDeviation } from "../models/initial-deviation.js";
import { createTimings, type Timings } from "../timings.js";
import {
  optimizationSettings,
  type OptimizationOptions,
} from "../training/optimization-options.js";
import { UsageError } from "../usage-error.js";
import { writeGrown } from "./write-grown.js";

export interface GrowOptions
  extends
    GrowthOptions,
    ImageTaskOptions,
    TextTaskOptions,
    Pick<TeacherOptions, "teacher">,
    RunOptions,
    OptimizationOptions {
  /** Folder to write; must not exist or be empty. */
  readonly out: string;
  /** Default `ligo`, which learns the operator and so needs `data`, unless `steps` is 0. */
  readonly method?: MethodName | undefined;
  /** Files, folders and globs. With a method that learns nothing, only for the losses. */
  readonly data?: readonly string[] | undefined;
  /** What to judge by, instead of what is held out of `data`. */
  readonly evalData?: readonly string[] | undefined;
  /** Name of the objective. Default: the one the target's class is made for. */
  readonly objective?: string | undefined;
  /** An `operator.safetensors` to apply; nothing is learned then. */
  readonly operator?: string | undefined;
  readonly steps?: number | undefined;
  /** Sequences or images of an update. */
  readonly batch?: number | undefined;
  /** Parts that an update's batch is taken in, one after the other, to save memory. Must divide `batch`. Default 1. */
  readonly accumulate?: number | undefined;
  /** Compute activations anew in the backward pass instead of keeping them, to save memory. Default false. */
  readonly checkpointActivations?: boolean | undefined;
  /** Tokens of a sequence; capped at what the model has positions for. */
  readonly sequence?: number | undefined;
  readonly learningRate?: number | undefined;
  readonly warmup?: number | undefined;
  /** Whether width maps learn at the learning rate / old size (default) or all tensors at the same rate. */
  readonly rates?: OperatorRates | undefined;
  readonly seed?: number | undefined;
  readonly form?: WidthScope | undefined;
  readonly initialDepth?: InitialDepth | undefined;
  readonly initialWidth?: LigoOptions["width"];
  /**
   * Of `ligo` and `ligo-width`: standard deviation of what is added, after learning, to the weights that new units hold. 0
   * adds nothing, as published. Default: the target's `initializer_range`.
   */
  readonly perturbation?: number | undefined;
  /** Terms of the operator of `mango`, at most 99. Default 1. */
  readonly rank?: number | undefined;
  readonly engine?: EngineName | undefined;
  /** Default: that of the source. */
  readonly dtype?: DtypeName | undefined;
  /** Blocks of text, or images, held out: a fraction below 1, or their number. */
  readonly heldOut?: number | undefined;
  /** Folder or file. Default: beside the source. */
  readonly tokenizer?: string | undefined;
  /** Whether to measure losses on held-out data. Default true. */
  readonly evaluate?: boolean | undefined;
  readonly reporter?: Reporter | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What growing did. */
export interface GrowResult {
  readonly out: string;
  readonly method: string;
  readonly parameters: { readonly source: number; readonly target: number };
  /** What was learned and judged by; null without data. */
  readonly objective: string | null;
  /** Held-out losses; absent without data. */
  readonly losses: GrowthLosses;
  /** Seconds by what they were spent on. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Floating-point operations of the matrix products of learning; null where nothing was learned or counted. */
  readonly flops: number | null;
  /** Most memory the process held at once, in bytes. */
  readonly peak_memory_bytes: number;
  readonly files: readonly string[];
  /** Bytes of the weights. */
  readonly bytes: number;
  /** The line that trains the grown checkpoint on. */
  readonly next: string;
}

/** What the record of a growth holds of its result. */
type FinishedGrowth = Omit<GrowResult, "out">;
const FINISHED = [
  "method",
  "parameters",
  "objective",
  "losses",
  "seconds",
  "flops",
  "peak_memory_bytes",
  "files",
  "bytes",
  "next",
] as const satisfies readonly (keyof FinishedGrowth)[];

/** What may be told a growth that is resumed: how it is saved, where its inputs are now, and who watches. */
export type ResumeGrowthOptions = Overrides<Omit<GrowOptions, "out">>;

type Settings = ReturnType<typeof withDefaults>;

function withDefaults(options: GrowOptions) {
  return {
    method: options.method ?? GROW_DEFAULTS.method,
    steps: options.steps ?? GROW_DEFAULTS.steps,
    batch: options.batch ?? GROW_DEFAULTS.batch,
    accumulate: options.accumulate ?? GROW_DEFAULTS.accumulate,
    checkpointActivations: options.checkpointActivations ?? GROW_DEFAULTS.checkpointActivations,
    sequence: options.sequence ?? GROW_DEFAULTS.sequence,
    learningRate: options.learningRate ?? GROW_DEFAULTS.learningRate,
    warmup: options.warmup ?? GROW_DEFAULTS.warmup,
    ...optimizationSettings(options, GROW_DEFAULTS),
    rates: options.rates ?? GROW_DEFAULTS.rates,
    seed: options.seed ?? GROW_DEFAULTS.seed,
    form: options.form ?? GROW_DEFAULTS.form,
    initialDepth: options.initialDepth ?? GROW_DEFAULTS.initialDepth,
    initialWidth: options.initialWidth ?? GROW_DEFAULTS.initialWidth,
    // its default is the target's
    perturbation: options.perturbation ?? null,
    rank: options.rank ?? GROW_DEFAULTS.rank,
    ties: options.ties ?? GROW_DEFAULTS.ties,
    engine: options.engine ?? GROW_DEFAULTS.engine,
    heldOut: options.heldOut ?? GROW_DEFAULTS.heldOut,
  };
}

/**
 * Grows a checkpoint and writes the grown one, all or nothing; while an operator is learned, checkpoints of it are saved
 * in a run folder. Everything that can be checked is checked before anything long starts. Throws `LigoError`s for bad
 * input; where the signal is aborted, `cli/interrupted` once a step is saved, and the signal's reason before.
 */
export async function growCheckpoint(options: GrowOptions): Promise<GrowResult> {
  return runGrowth(options, undefined);
}

/**
 * Goes on with a growth that was stopped while its operator was learned, in its run folder, as if it had never been.
 * Options and errors are those of `resumeTraining`.
 */
export async function resumeGrowth(
  folder: string,
  options: ResumeGrowthOptions = {},
): Promise<GrowResult> {
  const recipe = await readRecipe(folder, "grow");
  // what a sealed recipe holds was options of this command
  const before = recipeOptions(recipe) as unknown as GrowOptions;
  if (await isDone(folder)) {
    options.reporter?.note(`The run in ${folder} is finished already.`);
    return { out: folder, ...(await readRecord<FinishedGrowth>(folder, FINISHED)) };
  }
  noteVersions(recipe, options.reporter);
  return runGrowth({ ...before, ...given(options), out: folder }, recipe);
}

async function runGrowth(
  options: GrowOptions,
  resume: StoredRecipe | undefined,
): Promise<GrowResult> {
  const settings = withDefaults(options);
  const { operator: file } = options;
  const hasData = (options.data ?? []).length > 0;
  const takesStart = settings.steps === 0 && !hasData;
  const learns = methodNamed(settings.method).learns !== false && file === undefined && !takesStart;
  if (learns && !hasData) {
    throw new UsageError(
      "cli/no-data",
      `The method ${settings.method} learns its operator from data. Add --data <file or folder>, apply a learned one with ` +
        "--operator <file>, take its start with --steps 0, or grow without learning with --method stack.",
      { expected: "--data, --operator, --steps 0 or --method stack" },
    );
  }
  microBatchSize(settings.batch, settings.accumulate);
  const timings = createTimings();
  const { keep, out, saveEvery, saveMinutes, signal } = options;
  const growth = await openGrowth(options);
  try {
    if (!learns) {
      return await writeOutputFolder(out, (folder) =>
        withOperator(growth.plan, file, (stored) =>
          growInto((write) => write(folder), growth, settings, options, timings, { stored }),
        ),
      );
    }
    const saving = { keep, saveEvery, saveMinutes };
    return await inRun({ ...saving, command: "grow", out, resume, signal, timings }, (run) =>
      growInto((write) => run.finish(write), growth, settings, options, timings, { run }),
    );
  } finally {
    await growth.source.close();
  }
}

/** Hands a folder to who fills it. */
type WriteInto = <T>(write: (folder: string) => Promise<T>) => Promise<T>;

/** Where an operator comes from that is not made by a method alone: a file, or a run that learns it. */
interface Origin {
  readonly stored?: OpenedOperator | undefined;
  readonly run?: Run;
}

async function growInto(
  writeInto: WriteInto,
  opened: Growth,
  settings: Settings,
  options: GrowOptions,
  timings: Timings,
  { run, stored }: Origin,
): Promise<GrowResult> {
  const { plan, source } = opened;
  const start =
    stored ?? startOperator(plan, { ...settings, deviation: initialDeviation(opened.target) });
  const growth = withOperatorEpsilon(opened, start, options.reporter ?? silent);
  const { target } = growth;
  const found =
    (options.data ?? []).length === 0
      ? undefined
      : await growOnData(growth, start, settings, options, timings, run);
  const finished = {
    method: options.operator === undefined ? settings.method : "operator",
    parameters: {
      source: parameterCount(source.spec.layout),
      target: parameterCount(target.layout),
    },
    next: nextCommand(options),
  };
  try {
    return await writeInto(async (folder) => {
      const written = await writeGrown(folder, {
        ...growth,
        operator: found?.learned?.operator ?? start,
        settings: {
          ...settings,
          ...found?.task.settings,
          operator: options.operator ?? null,
          data: options.data ?? [],
        },
        finished,
        further: run === undefined ? [] : [METRICS_NAME, RECIPE_NAME],
        dtype: options.dtype,
        engine: settings.engine,
        task: found?.task,
        sourceRecord: found?.sourceRecord,
        grown: found?.grown,
        losses: found?.losses ?? {},
        flops: found?.learned?.flops ?? null,
        timings,
        signal: options.signal,
      });
      return {
        out: options.out,
        ...finished,
        objective: found?.task.objective ?? null,
        losses: found?.losses ?? {},
        seconds: timings.seconds,
        flops: found?.learned?.flops ?? null,
        peak_memory_bytes: peakMemoryBytes(),
        files: written.files,
        bytes: written.totalBytes,
      };
    });
  } catch (error) {
    if (options.signal?.aborted === true) await found?.learned?.save();
    throw error;
  }
}

/** What data are good for: learning the operator, and the losses before and after. */
interface GrownOnData {
  readonly task: Task;
  readonly learned: Learned | undefined;
  readonly losses: GrowthLosses;
  /** Where the source comes from, where a run had to know. */
  readonly sourceRecord: SourceRecord | undefined;
  /** The grown weights, where the losses needed them. */
  readonly grown: ReadonlyMap<string, Float32Array> | undefined;
}

async function growOnData(
  growth: Growth,
  start: Operator | OpenedOperator,
  settings: Settings,
  options: GrowOptions,
  timings: Timings,
  run: Run | undefined,
): Promise<GrownOnData> {
  const { plan, source, target } = growth;
  const { signal } = options;
  const reporter = options.reporter ?? silent;
  const task = await timings.time("read", () =>
    openTask(target, {
      ...options,
      ...settings,
      batch: microBatchSize(settings.batch, settings.accumulate),
      data: options.data ?? [],
      folder: source.checkpoint.folder,
    }),
  );
  if (task.teacher !== undefined) {
    throw new UsageError(
      "cli/teacher-of-growth",
      "An operator is learned from text alone. Leave --teacher out, and give it to ligo train afterwards.",
      { expected: "no --teacher" },
    );
  }
  reporter.note(`${task.training} to learn from by ${task.objective}, ${task.heldOut} held out.`);
  const weights = await timings.time("read", () => source.readAll(signal));
  const engine = await loadEngine(settings.engine);
  const judge =
    options.evaluate === false
      ? undefined
      : createGrowthEvaluator({
          growth,
          engine,
          engineName: settings.engine,
          weights,
          task,
          batches: task.judgedBatches(GROW_DEFAULTS.evaluationBatches * settings.accumulate),
          timings,
          signal,
        });
  try {
    const { learns } = methodNamed(settings.method);
    const known = run?.from?.state.progress as LearningProgress | undefined;
    const before =
      known?.losses ?? (await lossesBefore(judge, run === undefined ? undefined : start));
    const from = run && (await timings.time("hash", () => sourceRecord(source)));
    const learned =
      run === undefined || "read" in start
        ? undefined
        : await learnOnTask({
            ...settings,
            ...(learns === false ? {} : { learn: learns }),
            engine,
            plan,
            operator: start,
            target,
            source: weights,
            task,
            run,
            recipe: {
              command: "grow",
              settings: recipeSettings({ ...options, ...settings, to: target.raw }),
              inputs: recipeInputs({
                engine: engine.name,
                source: from,
                data: await timings.time("hash", () => task.fingerprint()),
              }),
            },
            losses: before,
            reporter,
            timings,
            signal,
          });
    const after = await judge?.grown(learned?.operator ?? start);
    const losses = { ...before, ...(after === undefined ? {} : { grown: after }) };
    return { task, learned, losses, sourceRecord: from, grown: judge?.weights };
  } finally {
    await judge?.dispose();
  }
}

/** Losses of the small model, and of the one grown by the operator that learning starts from. */
async function lossesBefore(
  judge: GrowthEvaluator | undefined,
  start: Operator | OpenedOperator | undefined,
): Promise<GrowthLosses> {
  const small = await judge?.source();
  const before = start && (await judge?.grown(start));
  return {
    ...(small === undefined ? {} : { small }),
    ...(before === undefined ? {} : { start: before }),
  };
}

/** The line that trains a grown checkpoint on. */
function nextCommand({ data = [], out }: GrowOptions): string {
  const words = data.length === 0 ? "<files>" : data.join(" ");
  return `ligo train ${out} --data ${words} --out ${out}-trained`;
}
