import { join } from "node:path";
import {
  methods,
  parameterCount,
  type DepthInitialName,
  type LigoOptions,
  type MethodName,
  type Operator,
  type WidthScope,
} from "@ligo/core";
import { writeOutputFolder } from "@ligo/checkpoint";
import type { OperatorRates } from "@ligo/train";
import { GROW_DEFAULTS } from "../grow-defaults.js";
import { readOperator, startOperator } from "./grow-operator.js";
import { createGrowthEvaluator, type GrowthLosses } from "./growth-losses.js";
import { learnOnTask, type Learned } from "./learn-on-task.js";
import { loadEngine, type EngineName } from "../models/load-engine.js";
import { withOperatorEpsilon } from "./norm-epsilon.js";
import { openGrowth, type Growth, type GrowthOptions } from "./open-growth.js";
import type { DtypeName } from "../models/output-dtype.js";
import { peakMemoryBytes } from "../peak-memory.js";
import { microBatchSize } from "../tasks/micro-batches.js";
import { openTask } from "../tasks/open-task.js";
import type { ImageTaskOptions } from "../tasks/task-options.js";
import type { Task } from "../tasks/task.js";
import { silent, type Reporter } from "../terminal/progress.js";
import { createTimings, type Timings } from "../timings.js";
import { UsageError } from "../usage-error.js";
import { writeGrown } from "./write-grown.js";

export interface GrowOptions extends GrowthOptions, ImageTaskOptions {
  /** Folder to write; must not exist or be empty. */
  readonly out: string;
  /** Default `ligo`, which learns the operator and so needs `data`. */
  readonly method?: MethodName | undefined;
  /** Files, folders and globs. With a method that learns nothing, only for the losses. */
  readonly data?: readonly string[] | undefined;
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
  readonly initialDepth?: DepthInitialName | undefined;
  readonly initialWidth?: LigoOptions["width"];
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
}

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
    rates: options.rates ?? GROW_DEFAULTS.rates,
    seed: options.seed ?? GROW_DEFAULTS.seed,
    form: options.form ?? GROW_DEFAULTS.form,
    initialDepth: options.initialDepth ?? GROW_DEFAULTS.initialDepth,
    initialWidth: options.initialWidth ?? GROW_DEFAULTS.initialWidth,
    ties: options.ties ?? GROW_DEFAULTS.ties,
    engine: options.engine ?? GROW_DEFAULTS.engine,
    heldOut: options.heldOut ?? GROW_DEFAULTS.heldOut,
  };
}

/**
 * Grows a checkpoint and writes the grown one, all or nothing. Everything that can be checked is checked before anything
 * long starts. Throws `LigoError`s for bad input and the signal's reason where it is aborted.
 */
export async function growCheckpoint(options: GrowOptions): Promise<GrowResult> {
  const settings = withDefaults(options);
  const data = options.data ?? [];
  if (methods[settings.method].needsData && data.length === 0 && options.operator === undefined) {
    throw new UsageError(
      "cli/no-data",
      `The method ${settings.method} learns its operator from data. Add --data <file or folder>, apply a learned one with ` +
        "--operator <file>, or grow without learning with --method stack.",
      { expected: "--data, --operator or --method stack" },
    );
  }
  microBatchSize(settings.batch, settings.accumulate);
  const growth = await openGrowth(options);
  try {
    return await writeOutputFolder(options.out, async (folder) =>
      growInto(folder, growth, settings, options),
    );
  } finally {
    await growth.source.close();
  }
}

async function growInto(
  folder: string,
  opened: Growth,
  settings: Settings,
  options: GrowOptions,
): Promise<GrowResult> {
  const timings = createTimings();
  const { plan, source } = opened;
  const { initializer_range: range } = opened.target.config;
  const start = await timings.time("read", async () =>
    options.operator === undefined
      ? startOperator(plan, {
          ...settings,
          ...(typeof range === "number" ? { deviation: range } : {}),
        })
      : readOperator(plan, options.operator),
  );
  const growth = withOperatorEpsilon(opened, start, options.reporter ?? silent);
  const { target } = growth;
  const found =
    (options.data ?? []).length === 0
      ? undefined
      : await growOnData(growth, start, settings, options, timings);
  const operator = found?.learned?.operator ?? start;
  const written = await writeGrown(folder, {
    ...growth,
    operator,
    settings: {
      ...settings,
      ...found?.task.settings,
      operator: options.operator ?? null,
      data: options.data ?? [],
    },
    dtype: options.dtype,
    engine: settings.engine,
    task: found?.task,
    grown: found?.grown,
    losses: found?.losses ?? {},
    flops: found?.learned?.flops ?? null,
    timings,
    signal: options.signal,
  });
  return {
    out: options.out,
    method: options.operator === undefined ? settings.method : "operator",
    parameters: {
      source: parameterCount(source.spec.layout),
      target: parameterCount(target.layout),
    },
    objective: found?.task.objective ?? null,
    losses: found?.losses ?? {},
    seconds: timings.seconds,
    flops: found?.learned?.flops ?? null,
    peak_memory_bytes: peakMemoryBytes(),
    files: written.files,
    bytes: written.totalBytes,
  };
}

/** What data are good for: learning the operator, and the losses before and after. */
interface GrownOnData {
  readonly task: Task;
  readonly learned: Learned | undefined;
  readonly losses: GrowthLosses;
  /** The grown weights, where the losses needed them. */
  readonly grown: ReadonlyMap<string, Float32Array> | undefined;
}

async function growOnData(
  growth: Growth,
  start: Operator,
  settings: Settings,
  options: GrowOptions,
  timings: Timings,
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
    const small = await judge?.source();
    const { learn = "all", needsData } = methods[settings.method];
    const learns = needsData && options.operator === undefined;
    const before = learns ? await judge?.grown(start) : undefined;
    const learned = learns
      ? await learnOnTask({
          ...settings,
          learn,
          engine,
          plan,
          operator: start,
          target,
          source: weights,
          task,
          reporter,
          timings,
          signal,
        })
      : undefined;
    const after = await judge?.grown(learned?.operator ?? start);
    const losses: GrowthLosses = {
      ...(small === undefined ? {} : { small }),
      ...(before === undefined ? {} : { start: before }),
      ...(after === undefined ? {} : { grown: after }),
    };
    return { task, learned, losses, grown: judge?.weights };
  } finally {
    await judge?.dispose();
  }
}

/** The line that trains a grown checkpoint on. */
export function nextCommand(result: GrowResult, data: readonly string[] | undefined): string {
  const given = data === undefined || data.length === 0 ? "<files>" : data.join(" ");
  return `ligo train ${result.out} --data ${given} --out ${join(`${result.out}-trained`)}`;
}
