import { defaultsOf, trainSettings } from "@ligo/sdk/settings";
import type { ComparedMethod, Comparison, TrainingSettings } from "./comparison.js";
import { given } from "./given.js";

/** A row at a peak learning rate. */
export const atRate = (row: ComparedMethod, learningRate: number): ComparedMethod => ({
  ...row,
  training: { ...row.training, learningRate },
});

/** Steps between evaluations, which leave those before and after a training. */
const AT_ENDS = Number.MAX_SAFE_INTEGER;

/** Settings of a training that count its steps. */
const COUNTED = ["steps", "warmup", "newWarmup", "decaySteps", "teacherSteps"] as const;

/**
 * Every row at every rate, on the seeds of tuning, judged at its end; `undefined` where no rate is chosen. With `tuningSteps`
 * trainings are as much shorter as these are than the comparison's steps, all that counts steps in proportion; sources and
 * growth are as they are.
 */
export function tuningOf(comparison: Comparison): Comparison | undefined {
  const { downstream: _tasks, evaluation: _others, rates, tuningData, ...rest } = comparison;
  const { data, methods, training, tuningSeeds = [], tuningSteps, ...shared } = rest;
  if (rates === undefined) return undefined;
  const { steps } = { ...defaultsOf(trainSettings, "steps"), ...given(training) };
  const share = tuningSteps === undefined ? 1 : tuningSteps / steps;
  return {
    ...shared,
    data: tuningData ?? data,
    seeds: tuningSeeds,
    training: shortened(training, share),
    methods: methods.flatMap((row) =>
      rates.map((rate) => {
        const rated = atRate(row, rate);
        const own = { ...shortened(rated.training, share), evaluateEvery: AT_ENDS };
        return { ...rated, name: nameAt(row, rate), training: own };
      }),
    ),
  };
}

/** A training of a share of its steps. A part of its steps that is given as a share of them stays. */
function shortened(training: TrainingSettings, share: number): TrainingSettings {
  const counts = COUNTED.flatMap((name) => {
    const count = training[name];
    return count === undefined || count < 1
      ? []
      : [[name, Math.max(1, Math.round(count * share))] as const];
  });
  return { ...training, ...Object.fromEntries(counts) };
}

const nameAt = ({ name }: ComparedMethod, rate: number): string => `${name} at ${rate}`;
