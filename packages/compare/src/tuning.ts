import { cellsOf, type Cell } from "./cell-keys.js";
import type { CellStore } from "./cell-store.js";
import type { Comparison } from "./comparison.js";
import type { OpenedComparison } from "./open-comparison.js";
import { atRate } from "./tuning-comparison.js";

/** One run of a row at one rate. */
export interface TuningRun {
  readonly key: string;
  /** Name of the row. */
  readonly name: string;
  readonly rate: number;
  readonly seed: number;
  /** Final held-out loss; null where training diverged. */
  readonly loss: number | null;
}

/** Rates by name of the row. */
export type ChosenRates = Readonly<Record<string, number>>;

/** The runs of tuning that are done, row by row. */
export async function tuningRuns(
  { comparison, tuning }: OpenedComparison,
  store: CellStore,
): Promise<readonly TuningRun[]> {
  if (tuning === undefined) return [];
  const { methods, rates = [] } = comparison;
  const runs = methods.flatMap(({ name }, row) =>
    rates.flatMap((rate, index) =>
      cellsOfRow(tuning, row * rates.length + index).map(async (cell): Promise<TuningRun[]> => {
        const loss = await store.readLoss(cell);
        if (loss === undefined) return [];
        return [{ key: cell.key, name, rate, seed: cell.seed, loss }];
      }),
    ),
  );
  return (await Promise.all(runs)).flat();
}

/** Cells of a row, seed by seed. */
const cellsOfRow = ({ cells, comparison }: OpenedComparison, row: number): readonly Cell[] =>
  cells.filter((_, index) => index % comparison.methods.length === row);

/**
 * The rate of every row that was run at all rates on all seeds of tuning: that of the lowest mean of final losses. A rate that
 * diverged on any seed is not taken, unless all of them did: then the lowest is.
 */
export function chosenRates(
  { methods, rates = [], tuningSeeds = [] }: Comparison,
  runs: readonly TuningRun[],
): ChosenRates {
  const chosen = methods.flatMap(({ name }): [string, number][] => {
    const means = rates.map((rate) => {
      const losses = runs.filter((run) => run.name === name && run.rate === rate);
      if (losses.length < tuningSeeds.length) return undefined;
      const sum = losses.reduce((all, { loss }) => all + (loss ?? Infinity), 0);
      return { rate, mean: sum / losses.length };
    });
    const known = means.filter((one) => one !== undefined);
    if (known.length < rates.length) return [];
    const [best] = known.toSorted((a, b) => order(a.mean, b.mean) || a.rate - b.rate);
    return best === undefined ? [] : [[name, best.rate]];
  });
  return Object.fromEntries(chosen);
}

/** Difference of two losses, neither of which need be finite. */
const order = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

/** A comparison whose rows train at the rates that were chosen; those without one are left out. */
export function atChosenRates(opened: OpenedComparison, rates: ChosenRates): OpenedComparison {
  if (opened.tuning === undefined) return opened;
  const methods = opened.comparison.methods.flatMap((row) => {
    const rate = rates[row.name];
    return rate === undefined ? [] : [atRate(row, rate)];
  });
  const comparison = { ...opened.comparison, methods };
  return { ...opened, comparison, cells: cellsOf(comparison, opened.facts) };
}
