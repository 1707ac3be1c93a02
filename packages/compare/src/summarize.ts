import {
  publishedGrowthFlops,
  publishedTrainingFlops,
  type CountedSteps,
  type FlopCounter,
} from "@ligo/core/cost";
import type { ComparisonResults } from "./results.js";
import { growthOf, SCRATCH } from "./comparison.js";
import type { CellResult } from "./run-cell.js";
import {
  meanCurve,
  reach,
  reachForGood,
  spreadOf,
  type CurvePoint,
  type Spread,
} from "@ligo/report";
import type { CountedSizes } from "./open-comparison.js";

/** Results of a method over its seeds. Savings are shares of what scratch spends until its own end. */
export interface MethodSummary {
  readonly name: string;
  /** Seeds that were run, and how many of them fell to scratch's final held-out loss. */
  readonly seeds: number;
  readonly reached: number;
  readonly diverged: number;
  /** Savings over the seeds that got there; `undefined` where none did. */
  readonly savedFlops: Spread | undefined;
  /** Savings until it falls to scratch's final loss and stays there: without the luck of single evaluations. */
  readonly savedForGood: Spread | undefined;
  /** Savings with the whole training of the source charged too. */
  readonly savedFlopsWithSource: Spread | undefined;
  readonly savedSeconds: Spread | undefined;
  /** Saved by the paper's FLOP counter, and by it without its faults; of language models alone. */
  readonly savedPublished: Spread | undefined;
  readonly savedCorrected: Spread | undefined;
  /** Floating-point operations of growth, as a share of scratch's. */
  readonly growthShare: Spread | undefined;
  readonly startLoss: Spread | undefined;
  readonly endLoss: Spread | undefined;
  readonly endAccuracy: Spread | undefined;
  /** Scores of fine-tuned models: `<task> <score>`. */
  readonly downstream: Readonly<Record<string, Spread>>;
  /** Final loss of scratch less its own, seed by seed. */
  readonly gain: Spread | undefined;
  /** Means over the seeds. */
  readonly curve: readonly CurvePoint[];
}

/** Sums up a comparison: one entry for each method, in the order of the comparison. */
export function summarize(results: ComparisonResults): readonly MethodSummary[] {
  const scratch = new Map(
    results.cells.filter(({ name }) => name === SCRATCH).map((cell) => [cell.seed, cell]),
  );
  const sourceFlops = new Map(results.sources.map(({ flops, seed }) => [seed, flops]));
  return results.comparison.methods.map((method) => {
    const { name } = method;
    const { training } = results.comparison;
    const { batch, sequence } = growthOf(results.comparison, method);
    const cells = results.cells.filter((cell) => cell.name === name);
    const whole = cells.filter(({ diverged }) => diverged === null);
    const found = whole.flatMap((cell) => {
      const reference = scratch.get(cell.seed);
      const end = reference?.curve.at(-1);
      const reached = end && reach(cell.curve, end.loss);
      return reference && end && reached ? [{ cell, reference, end, reached }] : [];
    });
    const saved = (share: (one: (typeof found)[number]) => number | undefined) =>
      spreadOf(found.map(share).filter((value) => value !== undefined));
    const { counted } = results;
    const savedBy = (counter: FlopCounter): Spread | undefined =>
      counted === null
        ? undefined
        : saved(({ cell, reached, reference }) => {
            const learned = {
              steps: cell.growth?.steps ?? 0,
              batch: batch ?? counted.batch,
              sequence: sequence === training.sequence ? counted.sequence : (sequence ?? 0),
            };
            const spent = countedFlops(counted, reached.step, counter, learned);
            return 1 - spent / countedFlops(counted, reference.steps, counter);
          });
    const ends = whole.flatMap(({ curve, seed }) => {
      const [mine, theirs] = [curve.at(-1), scratch.get(seed)?.curve.at(-1)];
      return mine && theirs ? [theirs.loss - mine.loss] : [];
    });
    return {
      name,
      seeds: cells.length,
      reached: found.length,
      diverged: cells.length - whole.length,
      savedFlops: saved(({ end, reached }) => 1 - reached.flops / end.flops),
      savedForGood: saved(({ cell, end }) => {
        const stays = reachForGood(cell.curve, end.loss);
        return stays && 1 - stays.flops / end.flops;
      }),
      savedFlopsWithSource: saved(({ cell, end, reached }) => {
        const source = cell.growth === null ? 0 : sourceFlops.get(cell.seed);
        return source === undefined ? undefined : 1 - (reached.flops + source) / end.flops;
      }),
      savedSeconds: saved(({ end, reached }) => 1 - reached.seconds / end.seconds),
      savedPublished: savedBy("published"),
      savedCorrected: savedBy("corrected"),
      growthShare: saved(({ cell, end }) => (cell.growth?.flops ?? 0) / end.flops),
      startLoss: spreadOf(whole.flatMap(({ curve }) => curve[0]?.loss ?? [])),
      endLoss: spreadOf(whole.flatMap(({ curve }) => curve.at(-1)?.loss ?? [])),
      endAccuracy: spreadOf(whole.flatMap(({ accuracy }) => accuracy ?? [])),
      downstream: downstreamSpreads(whole),
      gain: spreadOf(ends),
      curve: meanCurve(whole.map(({ curve }) => curve)),
    };
  });
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

/** FLOPs of some steps of training by the paper's counter, and of the operator learned before. */
function countedFlops(
  { batch, sequence, source, target }: CountedSizes,
  steps: number,
  counter: FlopCounter,
  learned?: CountedSteps,
): number {
  const training = publishedTrainingFlops(target, { steps, batch, sequence }, counter);
  if (learned === undefined || learned.steps === 0) return training;
  return training + publishedGrowthFlops(source, target, learned, counter);
}
