import type { Comparison } from "../comparison.js";
import { parseComparison } from "../recipe/parse-comparison.js";
import type { ComparisonResults } from "../results.js";
import type { CellResult } from "../run-cell.js";
import { RECIPE, type Recipe } from "./tiny-recipe.js";

/** Losses at 0, 50 and 100 FLOPs, seed by seed; `null` of a seed that diverged. */
export type MadeLosses = Readonly<Record<string, readonly (readonly number[] | null)[]>>;

/** Results made by hand: a row for every entry, with the losses of its seeds. */
export function madeResults(
  losses: MadeLosses,
  changes: Recipe = {},
  more: Partial<ComparisonResults> = {},
): ComparisonResults {
  const comparison: Comparison = parseComparison({
    ...RECIPE,
    references: ["scratch"],
    seeds: (Object.values(losses)[0] ?? []).map((_, seed) => seed),
    methods: Object.keys(losses),
    ...changes,
  });
  const cells = comparison.methods.flatMap(({ method, name }) =>
    (losses[name] ?? []).map(
      (curve, seed): CellResult => ({
        key: `${name} ${seed}`,
        name,
        method,
        seed,
        growth: null,
        steps: curve === null ? 0 : 10,
        curve: (curve ?? []).map((loss, k) => ({ step: 5 * k, flops: 50 * k, seconds: k, loss })),
        accuracy: null,
        downstream: {},
        diverged: curve === null ? "It diverged." : null,
      }),
    ),
  );
  return {
    format: "ligo.comparison",
    format_version: 1,
    title: "Made",
    comparison,
    judged_by: "masked-lm",
    unit: "tokens",
    flops_per_step: 10,
    counted: null,
    sources: [],
    cells,
    missing: [],
    machine: "none",
    versions: {},
    ...more,
  };
}
