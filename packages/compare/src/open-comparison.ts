import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  createPlan,
  estimateFlops,
  methodNamed,
  transformerSizes,
  type FlopsOptions,
  type Plan,
  type TransformerSizes,
  type WidthScope,
} from "@ligo/core";
import {
  GROW_DEFAULTS,
  growthCosts,
  targetModel,
  given as givenOptions,
  findArchitecture,
  describeModel,
  type ModelSpec,
  type EngineName,
  openModel,
  type OpenModelOptions,
  softwareVersions,
  sourceRecord,
  microBatchSize,
  openTask,
  type Task,
  type Reporter,
  TRAIN_DEFAULTS,
  type TrainOptions,
} from "@ligo/sdk";
import {
  growthOf,
  SCRATCH,
  SOURCE_AS_TEACHER,
  type ComparedMethod,
  type Comparison,
  type Shared,
  type TrainingSettings,
} from "./comparison.js";

/** Who watches a comparison, and what is known where it runs. */
export interface ComparisonWatchers extends Omit<OpenModelOptions, "architecture" | "headersOnly"> {
  readonly reporter: Reporter;
  readonly signal?: AbortSignal | undefined;
}

/** One method on one seed. */
export interface Cell {
  /** The same for what would give the same result: a hash of all that determines it. */
  readonly key: string;
  readonly seed: number;
  readonly method: ComparedMethod;
  /** Of the training after growth; before `budget` takes steps away for growing. */
  readonly training: TrainingSettings & { readonly steps: number };
  /** Key of the source that is trained for the cell; `undefined` where the source is given. */
  readonly source: string | undefined;
}

/** What the paper's FLOP counter looks at. */
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
  /** What is worked on in a training step, and its operations in the target and the source. */
  readonly work: FlopsOptions;
  readonly flopsPerStep: number;
  readonly sourceFlopsPerStep: number;
  /** What stands beside a source that was given, for what starts from scratch: its tokenizer, how images are prepared. */
  readonly beside: Pick<TrainOptions, "tokenizer" | "processor">;
  /** Of language models alone. */
  readonly counted: CountedSizes | undefined;
  readonly cells: readonly Cell[];
}

/** Options that all runs of a comparison share. */
export function sharedOptions(
  comparison: Comparison,
  watchers: ComparisonWatchers,
): Pick<TrainOptions, Exclude<Shared, "seed">> {
  const { architecture, cache, data, dataWeights, engine, heldOut, objective } = comparison;
  const { processor, skipBadRows, textColumn, tokenizer } = comparison;
  return {
    ...watchers,
    architecture,
    cache,
    data,
    dataWeights,
    heldOut,
    objective,
    processor,
    skipBadRows,
    textColumn,
    tokenizer,
    // a name that is none is refused by the engine's loader
    engine: engine as EngineName | undefined,
  };
}

const PROCESSOR = "preprocessor_config.json";

const hashOf = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);

/** Reads what is compared: models from headers and configs alone, data to know their size. Throws what growing throws. */
export async function openComparison(
  comparison: Comparison,
  watchers: ComparisonWatchers,
): Promise<OpenedComparison> {
  const shared = sharedOptions(comparison, watchers);
  const given = comparison.source;
  let source: ModelSpec;
  let sourceHash: unknown;
  let sourceFolder: string;
  if (typeof given === "string") {
    const model = await openModel(given, shared);
    try {
      source = model.spec;
      sourceFolder = model.checkpoint.folder;
      sourceHash = { ...(await sourceRecord(model)), path: undefined, hub: undefined };
    } finally {
      await model.close();
    }
  } else {
    // without a tokenizer that is named there is none
    sourceFolder = comparison.tokenizer ?? "";
    const architecture = await findArchitecture(String(given.config["model_type"]), shared);
    source = describeModel(architecture, given.config, "source.config");
    sourceHash = { ...given, training: givenOptions(given.training) };
  }
  const target = await targetModel(comparison.to, source, shared);
  const plan = createPlan(source.layout, target.layout);
  const { accumulate = 1, batch = TRAIN_DEFAULTS.batch } = comparison.training;
  const task = await openTask(target, {
    ...shared,
    ...comparison.training,
    folder: sourceFolder,
    batch: microBatchSize(batch, accumulate),
    sequence: comparison.training.sequence ?? TRAIN_DEFAULTS.sequence,
    heldOut: comparison.heldOut ?? TRAIN_DEFAULTS.heldOut,
    seed: 0,
    engine: shared.engine ?? TRAIN_DEFAULTS.engine,
  });
  const common = {
    versions: softwareVersions(),
    engine: comparison.engine ?? TRAIN_DEFAULTS.engine,
    data: await task.fingerprint(),
    heldOut: comparison.heldOut ?? TRAIN_DEFAULTS.heldOut,
    weights: comparison.dataWeights,
    objective: task.objective,
  };
  const cells = comparison.seeds.flatMap((seed) => {
    const sourceKey = hashOf({ ...common, source: sourceHash, seed });
    return comparison.methods.map((method): Cell => {
      const training = { ...comparison.training, ...method.training };
      const isGrown = method.method !== SCRATCH;
      const isTaught = training.teacher === SOURCE_AS_TEACHER;
      const determined = {
        ...common,
        ...(isGrown
          ? {
              source: typeof given === "string" ? sourceHash : sourceKey,
              growth: determinedGrowth(comparison, method),
              method: method.method,
              budget: comparison.budget,
            }
          : {}),
        ...(isTaught ? { teacher: typeof given === "string" ? sourceHash : sourceKey } : {}),
        ...(method.phases === undefined
          ? {}
          : { phases: method.phases, budget: comparison.budget }),
        ...(comparison.downstream === undefined ? {} : { downstream: comparison.downstream }),
        target: target.raw,
        training: givenOptions(training),
        seed,
      };
      return {
        key: hashOf(determined),
        seed,
        method,
        training: { ...training, steps: training.steps ?? TRAIN_DEFAULTS.steps },
        source: (isGrown || isTaught) && typeof given !== "string" ? sourceKey : undefined,
      };
    });
  });
  return {
    comparison,
    source,
    target,
    plan,
    judgedBy: task.judgedBy,
    unit: task.unit,
    work: task.cost,
    flopsPerStep: stepFlops(comparison, task.cost, target),
    sourceFlopsPerStep: stepFlops(comparison, task.cost, source),
    beside: {
      tokenizer: comparison.tokenizer ?? (task.unit === "tokens" ? sourceFolder : undefined),
      processor:
        comparison.processor ??
        (existsSync(join(sourceFolder, PROCESSOR)) ? sourceFolder : undefined),
    },
    counted: countedSizes(source, target, batch, task.cost.sequence),
    cells,
  };
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

/** What the outcome of a growth depends on: of what learns nothing, no setting of learning. */
function determinedGrowth(comparison: Comparison, method: ComparedMethod): object {
  const settings = growthOf(comparison, method);
  if (!isLearned(method)) return givenOptions({ ties: settings.ties });
  // another version of this package may have other defaults
  return { ...GROW_DEFAULTS, ...settings };
}

const isLearned = ({ method }: ComparedMethod): boolean =>
  method !== SCRATCH && methodNamed(method).learns !== false;

/** What learning the operator of a method is estimated to take, in floating-point operations. */
export function estimatedGrowthFlops(opened: OpenedComparison, method: ComparedMethod): number {
  if (!isLearned(method)) return 0;
  const { training } = opened.comparison;
  const growth = growthOf(opened.comparison, method);
  const { accumulate = 1, form = GROW_DEFAULTS.form, steps } = growth;
  const scope: WidthScope = form;
  const { batch = TRAIN_DEFAULTS.batch } = training;
  const tokens =
    (opened.work.tokens * microBatchSize(growth.batch ?? batch, accumulate)) /
    microBatchSize(batch, training.accumulate ?? 1);
  return steps * accumulate * growthCosts(opened.plan, scope, { ...opened.work, tokens }).flops;
}

/** Estimated operations of a training step of a model. */
export function stepFlops(
  { training }: Comparison,
  work: FlopsOptions,
  { layout }: ModelSpec,
): number {
  return (training.accumulate ?? 1) * estimateFlops(layout, work).training;
}
