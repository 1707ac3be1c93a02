import { isTie, pairedDifference, type PairedDifference } from "@ligo/report";
import { budgetOf, type Comparison } from "./comparison.js";
import type { CellResult } from "./run-cell.js";

/** Where a row stands among those that spend the same, by its mean final loss. */
export interface Rank {
  /** 1 for the lowest mean. */
  readonly rank: number;
  /** Its final loss less that of the first, seed by seed; `undefined` of the first. */
  readonly aboveBest: PairedDifference | undefined;
  /** Whether it is not told from the first: the interval of their difference holds zero. */
  readonly isTied: boolean;
}

type FinalLosses = ReadonlyMap<number, number>;

/** Final held-out losses of a row by seed, of the seeds that came to their end. */
const finalLosses = (cells: readonly CellResult[], name: string): FinalLosses =>
  new Map(
    cells
      .filter((cell) => cell.name === name && cell.diverged === null)
      .flatMap(({ curve, seed }): [number, number][] => {
        const end = curve.at(-1);
        return end === undefined ? [] : [[seed, end.loss]];
      }),
  );

/** Differences of final losses, a row's less another's, over the seeds that both came to the end of. */
export function lossDifference(
  cells: readonly CellResult[],
  name: string,
  other: string,
): PairedDifference | undefined {
  const theirs = finalLosses(cells, other);
  const differences = [...finalLosses(cells, name)].flatMap(([seed, loss]) => {
    const against = theirs.get(seed);
    return against === undefined ? [] : [loss - against];
  });
  return pairedDifference(differences);
}

/**
 * Ranks of rows by their mean final loss. Ranked are rows that have the comparison's own budget and came to their end on every
 * seed that was run: means over other seeds, or of other compute, do not compare.
 */
export function ranksOf(
  comparison: Pick<Comparison, "budget" | "methods">,
  cells: readonly CellResult[],
): ReadonlyMap<string, Rank> {
  const seeds = new Set(cells.map(({ seed }) => seed)).size;
  const means = comparison.methods
    .filter((row) => budgetOf(comparison, row) === comparison.budget)
    .flatMap(({ name }) => {
      const losses = [...finalLosses(cells, name).values()];
      if (losses.length === 0 || losses.length < seeds) return [];
      return [{ name, mean: losses.reduce((sum, loss) => sum + loss, 0) / losses.length }];
    })
    .toSorted((a, b) => a.mean - b.mean);
  const [best] = means;
  return new Map(
    means.map(({ name }, index): [string, Rank] => {
      const aboveBest =
        best === undefined || index === 0 ? undefined : lossDifference(cells, name, best.name);
      const isTied = aboveBest !== undefined && isTie(aboveBest);
      return [name, { rank: index + 1, aboveBest, isTied }];
    }),
  );
}
