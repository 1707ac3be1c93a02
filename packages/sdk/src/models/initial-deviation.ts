import type { ModelSpec } from "./model-spec.js";

/** Standard deviation of weights that start from scratch where a config does not say it. */
export const INITIAL_DEVIATION = 0.02;

/** Standard deviation that a config gives weights that start from scratch: its `initializer_range`. */
export function initialDeviation({ config }: Pick<ModelSpec, "config">): number {
  const { initializer_range: range } = config;
  return typeof range === "number" ? range : INITIAL_DEVIATION;
}
