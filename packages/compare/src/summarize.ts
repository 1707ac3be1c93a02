import {
  publishedGrowthFlops,
  publishedTrainingFlops,
  type CountedSteps,
  type FlopCounter,
} from "@ligo/core/cost";
import type { ComparisonResults } from "./results.js";
import { breakEven, type BreakEven } from "./break-even.js";
import {
  budgetOf,
  growthOf,
  referenceOf,
  SOURCE,
  usesSource,
  type ComparedMethod,
} from "./comparison.js";
import type { CellResult } from "./run-cell.js";
import {
  meanCurve,
  reach,
  reachForGood,
  spreadOf,
  type CurvePoint,
  type PairedDifference,
  type Spread,
} from "@ligo/report";
import type { CountedSizes } from "./open-comparison.js";
import { lossDifference, ranksOf } from "./ranks.js";

/** Results of a method over its seeds. Savings are shares of what the reference spends until its own end. */
export interface MethodSummary {
  readonly name: string;
  /** Peak learning rate of its training, where rates were chosen or rows have their own. */
  readonly learningRate: number | undefined;
  /** Place by mean final loss among rows that spend the same; `undefined` of others, and of rows that are not complete. */
  readonly rank: number | undefined;
  /** Its final loss less that of the row that ends lowest, seed by seed; `undefined` of that row. */
  readonly aboveBest: PairedDifference | undefined;
  /** Whether it is not told from the row that ends lowest. */
  readonly isTied: boolean;
  /** Seeds that were run, and how many of them fell to the reference's final held-out loss. */
  readonly seeds: number;
  readonly reached: number;
  readonly diverged: number;
  /** Seeds that were at that loss before any training: their savings say nothing but what growth took. */
  readonly startsBelow: number;
  /** Savings over the seeds that reached that loss; `undefined` where none did. */
  readonly savedFlops: Spread | undefined;
  /** Savings until it falls to the reference's final loss and stays there: without the luck of single evaluations. */
  readonly savedForGood: Spread | undefined;
  /** Savings with the whole training of the source charged too. */
  readonly savedFlopsWithSource: Spread | undefined;
  readonly savedSeconds: Spread | undefined;
  /** Saved by the paper's FLOP counter, and by it without its faults; of language models alone. */
  readonly savedPublished: Spread | undefined;
  readonly savedCorrected: Spread | undefined;
  /** Floating-point operations of growth, as a share of the reference's. */
  readonly growthShare: Spread | undefined;
  /** Training steps. */
  readonly steps: Spread | undefined;
  readonly startLoss: Spread | undefined;
  readonly endLoss: Spread | undefined;
  readonly endAccuracy: Spread | undefined;
  /** Scores of fine-tuned models: `<task> <score>`. */
  readonly downstream: Readonly<Record<string, Spread>>;
  /** Losses on other data, before its training and at the end, by name. */
  readonly evaluation: Readonly<Record<string, OtherSpreads>>;
  /** Final loss of the reference less its own, seed by seed. */
  readonly gain: PairedDifference | undefined;
  /** Final losses of the rows of the source trained on less its own, seed by seed, by their names. */
  readonly belowSource: Readonly<Record<string, PairedDifference>>;
  /** Operations from which on it is below the source trained on at equal compute, where that was. */
  readonly breakEven: BreakEven | undefined;
  /** Means over the seeds. */
  readonly curve: readonly CurvePoint[];
}

/** Losses on other data over the seeds. */
export interface OtherSpreads {
  readonly before: Spread | undefined;
  readonly after: Spread | undefined;
}

/** A cell that came to the reference's final loss. */
interface Arrival {
  readonly cell: CellResult;
  readonly reference: CellResult;
  readonly end: CurvePoint;
  readonly reached: Omit<CurvePoint, "loss">;
}

/** Sums up a comparison: one entry for each method, in the order of the comparison. */
export function summarize(results: ComparisonResults): readonly MethodSummary[] {
  const { cells, comparison } = results;
  const ranks = ranksOf(comparison, cells);
  const of = referenceOf(comparison);
  const references = new Map(
    cells.filter(({ name }) => name === of).map((cell) => [cell.seed, cell]),
  );
  return comparison.methods.map((row) => {
    const { name } = row;
    const mine = cells.filter((cell) => cell.name === name);
    const whole = mine.filter(({ diverged }) => diverged === null);
    const arrivals = whole.flatMap((cell): Arrival[] => {
      const reference = references.get(cell.seed);
      const end = reference?.curve.at(-1);
      const reached = end && reach(cell.curve, end.loss);
      return reference && end && reached ? [{ cell, reference, end, reached }] : [];
    });
    const differences = lossDifference(cells, of, name);
    const { aboveBest, isTied = false, rank } = ranks.get(name) ?? {};
    return {
      name,
      learningRate: rateOf(results, row),
      rank,
      aboveBest,
      isTied,
      seeds: mine.length,
      reached: arrivals.length,
      diverged: mine.length - whole.length,
      startsBelow: arrivals.filter(({ cell, end }) => (cell.curve[0]?.loss ?? NaN) <= end.loss)
        .length,
      ...savingsOf(results, row, arrivals),
      steps: spreadOf(whole.map(({ steps }) => steps)),
      startLoss: spreadOf(whole.flatMap(({ curve }) => curve[0]?.loss ?? [])),
      endLoss: spreadOf(whole.flatMap(({ curve }) => curve.at(-1)?.loss ?? [])),
      endAccuracy: spreadOf(whole.flatMap(({ accuracy }) => accuracy ?? [])),
      downstream: downstreamSpreads(whole),
      evaluation: otherSpreads(whole),
      gain: name === of ? undefined : differences,
      belowSource: belowSource(comparison, cells, name),
      breakEven: evenWithSource(comparison, cells, row),
      curve: meanCurve(whole.map(({ curve }) => curve)),
    };
  });
}

function belowSource(
  { methods }: Pick<ComparisonResults["comparison"], "methods">,
  cells: readonly CellResult[],
  name: string,
): MethodSummary["belowSource"] {
  const differences = methods
    .filter((row) => row.method === SOURCE && row.name !== name)
    .flatMap((row): [string, PairedDifference][] => {
      const difference = lossDifference(cells, row.name, name);
      return difference === undefined ? [] : [[row.name, difference]];
    });
  return Object.fromEntries(differences);
}

/** Where a row comes below the source that spends as many operations. */
function evenWithSource(
  comparison: ComparisonResults["comparison"],
  cells: readonly CellResult[],
  row: ComparedMethod,
): BreakEven | undefined {
  const source = comparison.methods.find(
    (one) => one.method === SOURCE && budgetOf(comparison, one) === "flops",
  );
  const isEqual = row.method !== SOURCE && budgetOf(comparison, row) === "flops";
  return source === undefined || !isEqual ? undefined : breakEven(cells, row.name, source.name);
}

function rateOf(
  { comparison, rates = {} }: Pick<ComparisonResults, "comparison" | "rates">,
  { name, training }: ComparedMethod,
): number | undefined {
  const isOwn = comparison.methods.some((row) => row.training.learningRate !== undefined);
  const given = training.learningRate ?? comparison.training.learningRate;
  return rates[name] ?? (isOwn ? given : undefined);
}

type Savings = Pick<
  MethodSummary,
  | "savedFlops"
  | "savedForGood"
  | "savedFlopsWithSource"
  | "savedSeconds"
  | "savedPublished"
  | "savedCorrected"
  | "growthShare"
>;

function savingsOf(
  { comparison, counted, sources }: ComparisonResults,
  row: ComparedMethod,
  arrivals: readonly Arrival[],
): Savings {
  const saved = (share: (one: Arrival) => number | undefined): Spread | undefined =>
    spreadOf(arrivals.map(share).filter((value) => value !== undefined));
  const sourceFlops = new Map(sources.map(({ flops, seed }) => [seed, flops]));
  /** What the source of a cell took; `undefined` where that is not known. */
  const chargeOf = (cell: CellResult): number | undefined =>
    usesSource(cell) ? sourceFlops.get(cell.seed) : 0;
  const { batch, sequence } = growthOf(comparison, row);
  const savedBy = (counter: FlopCounter): Spread | undefined =>
    counted === null
      ? undefined
      : saved(({ cell, reached, reference }) => {
          // the published code has no probe, and counts none
          if (cell.growth?.chosen !== undefined) return undefined;
          const learned = {
            steps: cell.growth?.steps ?? 0,
            batch: batch ?? counted.batch,
            sequence:
              sequence === comparison.training.sequence ? counted.sequence : (sequence ?? 0),
          };
          const spent = countedFlops(counted, cell.method, reached.step, counter, learned);
          return 1 - spent / countedFlops(counted, reference.method, reference.steps, counter);
        });
  return {
    savedFlops: saved(({ end, reached }) => 1 - reached.flops / end.flops),
    savedForGood: saved(({ cell, end }) => {
      const stays = reachForGood(cell.curve, end.loss);
      return stays && 1 - stays.flops / end.flops;
    }),
    savedFlopsWithSource: saved(({ cell, end, reached, reference }) => {
      const [mine, theirs] = [chargeOf(cell), chargeOf(reference)];
      if (mine === undefined || theirs === undefined) return undefined;
      return 1 - (reached.flops + mine) / (end.flops + theirs);
    }),
    savedSeconds: saved(({ end, reached }) => 1 - reached.seconds / end.seconds),
    savedPublished: savedBy("published"),
    savedCorrected: savedBy("corrected"),
    growthShare: saved(({ cell, end }) => (cell.growth?.flops ?? 0) / end.flops),
  };
}

/** Spreads of losses on other data, by its name. */
function otherSpreads(cells: readonly CellResult[]): Record<string, OtherSpreads> {
  const names = new Set(cells.flatMap(({ evaluation = {} }) => Object.keys(evaluation)));
  const spreads = [...names].map((name): [string, OtherSpreads] => {
    const losses = cells.flatMap(({ evaluation }) => evaluation?.[name] ?? []);
    return [
      name,
      {
        before: spreadOf(losses.flatMap(({ before }) => before ?? [])),
        after: spreadOf(losses.map(({ after }) => after)),
      },
    ];
  });
  return Object.fromEntries(spreads);
}

function downstreamSpreads(cells: readonly CellResult[]): Record<string, Spread> {
  const values = new Map<string, number[]>();
  for (const { downstream = {} } of cells) {
    for (const [task, scores] of Object.entries(downstream)) {
      for (const [score, value] of Object.entries(scores)) {
        const name = `${task} ${score}`;
        values.set(name, [...(values.get(name) ?? []), value]);
      }
    }
  }
  const spreads = [...values].flatMap(([name, all]): [string, Spread][] => {
    const spread = spreadOf(all);
    return spread === undefined ? [] : [[name, spread]];
  });
  return Object.fromEntries(spreads);
}

/** FLOPs of some steps of training by the paper's counter, of the model that a method trains, and of the operator learned before. */
function countedFlops(
  { batch, sequence, source, target }: CountedSizes,
  method: string,
  steps: number,
  counter: FlopCounter,
  learned?: CountedSteps,
): number {
  const trained = method === SOURCE ? source : target;
  const training = publishedTrainingFlops(trained, { steps, batch, sequence }, counter);
  if (learned === undefined || learned.steps === 0) return training;
  return training + publishedGrowthFlops(source, target, learned, counter);
}
