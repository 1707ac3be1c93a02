import type { ComparedMethod, Comparison } from "./comparison.js";

/** A row at a peak learning rate. */
export const atRate = (row: ComparedMethod, learningRate: number): ComparedMethod => ({
  ...row,
  training: { ...row.training, learningRate },
});

/** Every row at every rate, on the seeds of tuning; `undefined` where no rate is chosen. */
export function tuningOf(comparison: Comparison): Comparison | undefined {
  const { downstream: _tasks, evaluation: _others, rates, tuningData, ...rest } = comparison;
  const { data, methods, tuningSeeds = [], ...shared } = rest;
  if (rates === undefined) return undefined;
  return {
    ...shared,
    data: tuningData ?? data,
    seeds: tuningSeeds,
    methods: methods.flatMap((row) =>
      rates.map((rate) => ({ ...atRate(row, rate), name: nameAt(row, rate) })),
    ),
  };
}

const nameAt = ({ name }: ComparedMethod, rate: number): string => `${name} at ${rate}`;
