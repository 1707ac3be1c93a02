import type { Comparison } from "./comparison.js";
import {
  estimatedGrowthFlops,
  openComparison,
  type ComparisonWatchers,
} from "./open-comparison.js";

/** What a comparison will take, before anything is run. */
export interface ComparisonEstimate {
  readonly rows: readonly {
    readonly name: string;
    readonly seeds: number;
    /** Of one seed. */
    readonly growthFlops: number;
    readonly trainingFlops: number;
  }[];
  /** Of one source; 0 where it is given. */
  readonly sourceFlops: number;
  /** Of everything. */
  readonly flops: number;
}

/**
 * Estimates a comparison from configs, headers and the size of the data: floating-point operations of all matrix products.
 * Nothing is written. Throws what `openComparison` throws.
 */
export async function estimateComparison(
  comparison: Comparison,
  watchers: ComparisonWatchers,
): Promise<ComparisonEstimate> {
  const opened = await openComparison(comparison, watchers);
  const { flopsPerStep, sourceFlopsPerStep } = opened;
  const seeds = comparison.seeds.length;
  const rows = comparison.methods.map((method) => {
    const steps = method.training.steps ?? comparison.training.steps ?? 0;
    const whole = steps * flopsPerStep;
    const growthFlops = estimatedGrowthFlops(opened, method);
    const isCharged = comparison.budget === "flops";
    const trainingFlops = isCharged ? Math.max(flopsPerStep, whole - growthFlops) : whole;
    return { name: method.name, seeds, growthFlops, trainingFlops };
  });
  const given = comparison.source;
  const sourceFlops =
    typeof given === "string" ? 0 : (given.training.steps ?? 0) * sourceFlopsPerStep;
  const cells = rows.reduce((sum, row) => sum + row.growthFlops + row.trainingFlops, 0);
  return { rows, sourceFlops, flops: seeds * (sourceFlops + cells) };
}
