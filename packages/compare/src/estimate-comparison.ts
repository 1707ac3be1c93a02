import { budgetOf, SOURCE, type ComparedMethod, type Comparison } from "./comparison.js";
import type { CompareHandles } from "./events.js";
import { estimatedGrowthFlops, openComparison, type OpenedComparison } from "./open-comparison.js";

/** Estimated cost of a comparison, before anything is run. */
export interface ComparisonEstimate {
  readonly rows: readonly {
    readonly name: string;
    readonly seeds: number;
    /** Operations of one seed. */
    readonly growthFlops: number;
    readonly trainingFlops: number;
  }[];
  /** Operations of one source; 0 where it is given. */
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
  const { rates = [], tuningSeeds = [] } = comparison;
  const rows = comparison.methods.map((method) => ({
    name: method.name,
    seeds,
    ...rowFlops(opened, method),
  }));
  const sourceFlops = sourceFlopsOf(opened);
  const cells = rows.reduce((sum, row) => sum + row.growthFlops + row.trainingFlops, 0);
  const tuningFlops = tuningSeeds.length * (sourceFlops + rates.length * cells);
  return { rows, sourceFlops, tuningFlops, flops: tuningFlops + seeds * (sourceFlops + cells) };
}

/** Estimated operations of a row on one seed. */
export function rowFlops(
  opened: OpenedComparison,
  method: ComparedMethod,
): { readonly growthFlops: number; readonly trainingFlops: number } {
  const { comparison, flopsPerStep, sourceFlopsPerStep } = opened;
  const steps = method.training.steps ?? comparison.training.steps ?? 0;
  const growthFlops = estimatedGrowthFlops(opened, method);
  const isCharged = budgetOf(comparison, method) === "flops";
  const perStep = method.method === SOURCE && !isCharged ? sourceFlopsPerStep : flopsPerStep;
  const whole = steps * perStep;
  const trainingFlops = isCharged ? Math.max(flopsPerStep, whole - growthFlops) : whole;
  return { growthFlops, trainingFlops };
}

/** Estimated operations of training one source; 0 where it is given. */
export function sourceFlopsOf({ comparison, sourceFlopsPerStep }: OpenedComparison): number {
  const { source } = comparison;
  return typeof source === "string" ? 0 : (source.training.steps ?? 0) * sourceFlopsPerStep;
}
