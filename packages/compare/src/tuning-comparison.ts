import type { ComparedMethod, Comparison } from "./comparison.js";

/** A row at a peak learning rate. */
export const atRate = (row: ComparedMethod, learningRate: number): ComparedMethod => ({
  ...row,
  training: { ...row.training, learningRate },
});

/** Steps between evaluations, which leave those before and after a training. */
const AT_ENDS = Number.MAX_SAFE_INTEGER;

/** Every row at every rate, on the seeds of tuning, judged at its end; `undefined` where no rate is chosen. */
export function tuningOf(comparison: Comparison): Comparison | undefined {
  const { downstream: _tasks, evaluation: _others, rates, tuningData, ...rest } = comparison;
  const { data, methods, tuningSeeds = [], ...shared } = rest;
  if (rates === undefined) return undefined;
  return {
    ...shared,
    data: tuningData ?? data,
    seeds: tuningSeeds,
    methods: methods.flatMap((row) =>
      rates.map((rate) => {
        const { training, ...rated } = atRate(row, rate);
        const name = nameAt(row, rate);
        return { ...rated, name, training: { ...training, evaluateEvery: AT_ENDS } };
      }),
    ),
  };
}

const nameAt = ({ name }: ComparedMethod, rate: number): string => `${name} at ${rate}`;
