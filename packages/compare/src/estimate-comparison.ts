import { budgetOf, SOURCE, type Comparison } from "./comparison.js";
import type { CompareHandles } from "./events.js";
import { estimatedGrowthFlops, openComparison } from "./open-comparison.js";

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
  const { flopsPerStep, sourceFlopsPerStep } = opened;
  const seeds = comparison.seeds.length;
  const { rates = [], tuningSeeds = [] } = comparison;
  const rows = comparison.methods.map((method) => {
    const steps = method.training.steps ?? comparison.training.steps ?? 0;
    const growthFlops = estimatedGrowthFlops(opened, method);
    const isCharged = budgetOf(comparison, method) === "flops";
    const perStep = method.method === SOURCE && !isCharged ? sourceFlopsPerStep : flopsPerStep;
    const whole = steps * perStep;
    const trainingFlops = isCharged ? Math.max(flopsPerStep, whole - growthFlops) : whole;
    return { name: method.name, seeds, growthFlops, trainingFlops };
  });
  const given = comparison.source;
  const sourceFlops =
    typeof given === "string" ? 0 : (given.training.steps ?? 0) * sourceFlopsPerStep;
  const cells = rows.reduce((sum, row) => sum + row.growthFlops + row.trainingFlops, 0);
  const tuningFlops = tuningSeeds.length * (sourceFlops + rates.length * cells);
  return { rows, sourceFlops, tuningFlops, flops: tuningFlops + seeds * (sourceFlops + cells) };
}
