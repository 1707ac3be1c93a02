import { defaultsOf, trainSettings } from "@ligo/sdk/settings";
import type { ModelSpec } from "@ligo/sdk/models";
import { microBatchSize } from "@ligo/sdk/tasks";
import { budgetOf, SOURCE, type ComparedMethod, type Comparison } from "./comparison.js";
import type { CompareHandles } from "./events.js";
import { given } from "./given.js";
import {
  estimatedGrowthFlops,
  openComparison,
  stepFlops,
  type OpenedComparison,
} from "./open-comparison.js";
import { evaluatesEvery } from "./train-phases.js";

/** Estimated cost of a comparison, before anything is run. */
export interface ComparisonEstimate {
  readonly rows: readonly {
    readonly name: string;
    readonly seeds: number;
    /** Operations of one seed. */
    readonly growthFlops: number;
    readonly trainingFlops: number;
    /** Operations of its evaluations, which are charged to no row. */
    readonly judgingFlops: number;
  }[];
  /** Operations of one source, its evaluations included; 0 where it is given. */
  readonly sourceFlops: number;
  /** Operations of choosing rates, sources included; 0 where none is chosen. */
  readonly tuningFlops: number;
  /** Operations of everything. */
  readonly flops: number;
}

/**
 * Estimates a comparison from configs, headers and the size of the data: floating-point operations of all matrix products.
 * Nothing is written. Throws as {@link openComparison}.
 */
export async function estimateComparison(
  comparison: Comparison,
  handles: CompareHandles = {},
): Promise<ComparisonEstimate> {
  const opened = await openComparison(comparison, handles);
  const seeds = comparison.seeds.length;
  const { tuningSeeds = [] } = comparison;
  const rows = comparison.methods.map((method) => ({
    name: method.name,
    seeds,
    ...rowFlops(opened, method),
  }));
  const sourceFlops = sourceFlopsOf(opened) + sourceJudging(opened);
  const ofRow = (row: RowFlops): number => row.growthFlops + row.trainingFlops + row.judgingFlops;
  const cells = rows.reduce((sum, row) => sum + ofRow(row), 0);
  const { tuning } = opened;
  const tried =
    tuning?.comparison.methods.reduce((sum, row) => sum + ofRow(rowFlops(tuning, row)), 0) ?? 0;
  const tuningFlops = tuningSeeds.length * (sourceFlops + tried);
  return { rows, sourceFlops, tuningFlops, flops: tuningFlops + seeds * (sourceFlops + cells) };
}

/** Estimated operations of a row on one seed. */
interface RowFlops {
  readonly growthFlops: number;
  readonly trainingFlops: number;
  readonly judgingFlops: number;
}

/** Estimated operations of a row on one seed. */
export function rowFlops(opened: OpenedComparison, method: ComparedMethod): RowFlops {
  const { comparison, flopsPerStep, source, sourceFlopsPerStep, target } = opened;
  const training = { ...comparison.training, ...method.training };
  const { evaluateEvery, steps = 0 } = training;
  const growthFlops = estimatedGrowthFlops(opened, method);
  const isCharged = budgetOf(comparison, method) === "flops";
  const isSource = method.method === SOURCE;
  const ownStep = isSource ? sourceFlopsPerStep : flopsPerStep;
  const whole = steps * (isSource && !isCharged ? sourceFlopsPerStep : flopsPerStep);
  const trainingFlops = isCharged ? Math.max(flopsPerStep, whole - growthFlops) : whole;
  const evaluations = evaluationsIn(
    trainingFlops / ownStep,
    evaluateEvery ?? evaluatesEvery(steps),
  );
  const forward = forwardFlops(opened, isSource ? source : target);
  const { evaluation = [] } = comparison;
  // other data judge at both ends; how many there are is not known before they are read
  const elsewhere = evaluation.reduce((sum, other) => sum + 2 * (other.heldOut ?? 0), 0);
  return {
    growthFlops,
    trainingFlops,
    judgingFlops: forward * (evaluations * heldOutOf(comparison) + elsewhere),
  };
}

/** Evaluations of a training: before it, every so many steps, and at its end. */
const evaluationsIn = (steps: number, every: number): number => 1 + Math.ceil(steps / every);

/** Estimated operations of judging one example: a third of what training on it takes. */
function forwardFlops({ comparison, work }: OpenedComparison, model: ModelSpec): number {
  const { accumulate, batch } = {
    ...defaultsOf(trainSettings, "accumulate", "batch"),
    ...given(comparison.training),
  };
  return stepFlops({ accumulate: 1 }, work, model) / 3 / microBatchSize(batch, accumulate);
}

/** Estimated operations of training one source; 0 where it is given. */
export function sourceFlopsOf({ comparison, sourceFlopsPerStep }: OpenedComparison): number {
  const { source } = comparison;
  return typeof source === "string" ? 0 : (source.training.steps ?? 0) * sourceFlopsPerStep;
}

/** Estimated operations of judging one source; 0 where it is given. */
function sourceJudging(opened: OpenedComparison): number {
  const { comparison, source: model } = opened;
  const { source } = comparison;
  if (typeof source === "string") return 0;
  const { evaluateEvery, steps = 0 } = source.training;
  const evaluations = evaluateEvery === undefined ? 1 : evaluationsIn(steps, evaluateEvery);
  return evaluations * heldOutOf(comparison) * forwardFlops(opened, model);
}

const heldOutOf = (comparison: Comparison): number =>
  comparison.heldOut ?? defaultsOf(trainSettings, "heldOut").heldOut;
