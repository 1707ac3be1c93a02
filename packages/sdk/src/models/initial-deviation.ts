import { INITIAL_DEVIATION } from "@ligo/core/layout";
import type { ModelSpec } from "./model-spec.js";

/** Standard deviation that a config gives weights that start from scratch: its `initializer_range`. */
export function initialDeviation({ config }: Pick<ModelSpec, "config">): number {
  const { initializer_range: range } = config;
  return typeof range === "number" ? range : INITIAL_DEVIATION;
}
