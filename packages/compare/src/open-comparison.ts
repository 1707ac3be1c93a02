import { existsSync } from "node:fs";
import { join } from "node:path";
import { createPlan, estimateFlops, growthCosts, type FlopsOptions, type Plan } from "@ligo/core";
import { muonFlops, transformerSizes, type TransformerSizes } from "@ligo/core/cost";
import { startingOperator } from "@ligo/core/methods";
import type { TrainSettings } from "@ligo/sdk";
import {
  checkTargetSizes,
  describeModel,
  findArchitecture,
  modelTypeOf,
  inContext,
  openModel,
  targetModel,
  type Context,
  type ModelSpec,
} from "@ligo/sdk/models";
import { defaultsOf, growSettings, trainSettings } from "@ligo/sdk/settings";
import { microBatchSize, openTask, type Task } from "@ligo/sdk/tasks";
import { cellsOf, isLearned, type Cell, type CellFacts } from "./cell-keys.js";
import {
  growthOf,
  sharedSettings,
  SOURCE_AS_TEACHER,
  type ComparedMethod,
  type Comparison,
} from "./comparison.js";
import type { CompareHandles } from "./events.js";
import { given } from "./given.js";
import { parseComparison } from "./recipe/parse-comparison.js";
import { tuningOf } from "./tuning-comparison.js";

/** Sizes that the paper's FLOP counter counts by. */
export interface CountedSizes {
  readonly source: TransformerSizes;
  readonly target: TransformerSizes;
  /** Sequences of a step, and tokens of a sequence. */
  readonly batch: number;
  readonly sequence: number;
}

/** A comparison whose source, target and data are known. */
export interface OpenedComparison {
  readonly comparison: Comparison;
  readonly source: ModelSpec;
  readonly target: ModelSpec;
  readonly plan: Plan;
  readonly judgedBy: string;
  readonly unit: Task["unit"];
  /** Work of a training step, and its operations in the target and the source. */
  readonly work: FlopsOptions;
  readonly flopsPerStep: number;
  readonly sourceFlopsPerStep: number;
  /** Tokens or images of a training step. */
  readonly unitsPerStep: number;
  /** Files beside a source that was given, for models that start from scratch: tokenizer and preprocessor. */
  readonly beside: Pick<TrainSettings, "tokenizer" | "processor">;
  /** Sizes of language models; `undefined` of others. */
  readonly counted: CountedSizes | undefined;
  readonly facts: CellFacts;
  readonly cells: readonly Cell[];
  /** The runs that rates are chosen by. */
  readonly tuning?: OpenedComparison | undefined;
}

const PROCESSOR = "preprocessor_config.json";

/** The source of a comparison: its model, its folder, and its hashes where it is given. */
interface OpenedSource {
  readonly spec: ModelSpec;
  readonly folder: string;
  readonly record: object | undefined;
}

/**
 * Opens a comparison: models from headers and configs alone, data to know their size. Throws `SettingsError` where the
 * comparison is wrong, and errors of models and data.
 */
export async function openComparison(
  comparison: Comparison,
  handles: CompareHandles,
): Promise<OpenedComparison> {
  parseComparison(comparison);
  return inContext(handles, (context) => openIn(context, comparison));
}

async function openIn(context: Context, comparison: Comparison): Promise<OpenedComparison> {
  const { to, training } = comparison;
  const { folder, record, spec: source } = await openSource(context, comparison);
  const target = await targetModel(to, source, context);
  checkTargetSizes(source, target);
  const plan = createPlan(source.layout, target.layout);
  const { batch } = { ...defaultsOf(trainSettings, "batch"), ...given(training) };
  const task = await openDataTask(context, comparison, target, folder);
  const facts: CellFacts = {
    source: record,
    data: await task.fingerprint(),
    objective: task.objective,
    target: target.raw,
  };
  const tuning = tuningOf(comparison);
  const besideSource =
    task.unit === "images" && existsSync(join(folder, PROCESSOR)) ? folder : undefined;
  return {
    comparison,
    source,
    target,
    plan,
    judgedBy: task.judgedBy,
    unit: task.unit,
    work: task.cost,
    flopsPerStep: stepFlops(training, task.cost, target),
    sourceFlopsPerStep: stepFlops(training, task.cost, source),
    unitsPerStep: (training.accumulate ?? 1) * task.unitsPerBatch,
    beside: {
      tokenizer: comparison.tokenizer ?? (task.unit === "tokens" ? folder : undefined),
      processor: comparison.processor ?? besideSource,
    },
    counted: countedSizes(source, target, batch, task.cost.sequence),
    facts,
    cells: cellsOf(comparison, facts),
    tuning: tuning && (await openIn(context, tuning)),
  };
}

async function openSource(
  context: Context,
  { architecture, source, tokenizer = "" }: Comparison,
): Promise<OpenedSource> {
  const options = { ...context, architecture };
  if (typeof source !== "string") {
    const found = await findArchitecture(modelTypeOf(source.config), options);
    const spec = describeModel(found, source.config, "source.config");
    // a model that is made has no files beside it but a tokenizer that is named
    return { spec, folder: tokenizer, record: undefined };
  }
  const model = await openModel(source, options);
  try {
    const record = { ...(await model.record(context.signal)), path: undefined, hub: undefined };
    return { spec: model.spec, folder: await model.folder(), record };
  } finally {
    await model.close();
  }
}

/** Settings of a training whose source is its teacher as they are without one: that source may not be there yet. */
function untaught({ source, training }: Comparison): Comparison["training"] {
  if (training.teacher !== SOURCE_AS_TEACHER) return training;
  if (typeof source === "string") return { ...training, teacher: source };
  const { teacher: _teacher, teacherSteps: _steps, temperature: _temperature, ...rest } = training;
  return rest;
}

async function openDataTask(
  context: Context,
  comparison: Comparison,
  target: ModelSpec,
  folder: string,
): Promise<Task> {
  const { accumulate, batch, ...sizes } = {
    ...defaultsOf(trainSettings, "accumulate", "batch", "engine", "heldOut", "sequence"),
    ...given(sharedSettings(comparison)),
    ...given(untaught(comparison)),
  };
  return openTask(target, {
    ...context,
    ...sizes,
    data: comparison.data,
    folder,
    batch: microBatchSize(batch, accumulate),
    seed: 0,
  });
}

function countedSizes(
  source: ModelSpec,
  target: ModelSpec,
  batch: number,
  sequence: number,
): CountedSizes | undefined {
  if (!("vocab" in target.layout.spaces)) return undefined;
  return {
    source: transformerSizes(source.layout),
    target: transformerSizes(target.layout),
    batch,
    sequence,
  };
}

/** Estimated floating-point operations of learning the operator of a row. */
export function estimatedGrowthFlops(opened: OpenedComparison, method: ComparedMethod): number {
  if (!isLearned(method)) return 0;
  const trained = {
    ...defaultsOf(trainSettings, "accumulate", "batch"),
    ...given(opened.comparison.training),
  };
  const { steps, ...settings } = growthOf(opened.comparison, method);
  const {
    accumulate,
    batch,
    form,
    innerSteps = 0,
    start,
  } = {
    ...defaultsOf(growSettings, "accumulate", "form"),
    batch: trained.batch,
    ...given(settings),
  };
  const tokens =
    (opened.work.tokens * microBatchSize(batch, accumulate)) /
    microBatchSize(trained.batch, trained.accumulate);
  const operator = startingOperator(opened.plan, { form, start });
  const work = { ...opened.work, tokens };
  const outer = growthCosts(opened.plan, form, work, operator).flops;
  const inner = innerSteps * estimateFlops(opened.target.layout, work).training;
  return steps * accumulate * (outer + inner);
}

/** Estimated operations of a training step of a model: of its batch, and of an optimiser that multiplies matrices. */
export function stepFlops(
  { accumulate = 1, optimizer }: Comparison["training"],
  work: FlopsOptions,
  { layout }: ModelSpec,
): number {
  const batch = accumulate * estimateFlops(layout, work).training;
  return optimizer === "muon" ? batch + muonFlops(layout) : batch;
}
