import {
  createRandom,
  methods,
  type Architecture,
  type MethodName,
  type RawConfig,
} from "@ligo/core";
import { describe, expect, it } from "vitest";
import { compareGrowth, randomModel } from "./compare-growth.js";
import type { FixtureTensors } from "./fixtures.js";

/** A small model, how it grows, and which methods keep its function. */
export interface MethodCases<Growth extends string> {
  readonly small: RawConfig;
  /** Inputs of a forward pass. */
  readonly inputs: FixtureTensors;
  /** Keys of the config that change, by what grows. */
  readonly growths: Readonly<Record<Growth, RawConfig>>;
  /** The methods that keep the function, by what grows. All others must change it. */
  readonly kept: Readonly<Record<Growth, readonly MethodName[]>>;
}

/** Largest change of a kept function, relative to the largest logit: float32 sums in another order, three times as many terms. */
export const ROUNDING = 2e-6;
/** What a growth that keeps no function changes at least. */
const LOSSY = 1e-4;
/** `ligo`, its parts and `mango` start from mixtures; `interlace` is `interpolate`. */
const tested = (Object.keys(methods) as MethodName[]).filter(
  (name) => !["ligo", "ligo-depth", "ligo-width", "interlace", "mango"].includes(name),
);

/**
 * Largest difference of the logits between a model with random weights and the one a method grows of it, relative to the
 * largest logit.
 */
export async function functionChange(
  architecture: Architecture,
  model: Pick<MethodCases<string>, "small" | "inputs">,
  growth: RawConfig,
  method: MethodName,
): Promise<number> {
  const small = randomModel(architecture, model.small, model.inputs);
  const { differences } = await compareGrowth(architecture, small, growth, (plan) =>
    methods[method].create(plan, createRandom(3)),
  );
  return differences.get("logits") ?? Number.NaN;
}

/** Registers a vitest test for every method that does not learn and every growth: the function is kept, or changes. */
export function describeMethods<Growth extends string>(
  architecture: Architecture,
  cases: MethodCases<Growth>,
): void {
  describe.each(tested)("%s", (name) => {
    it.each(Object.keys(cases.growths) as Growth[])("%s", async (growth) => {
      const found = await functionChange(architecture, cases, cases.growths[growth], name);
      if (cases.kept[growth].includes(name)) expect(found).toBeLessThan(ROUNDING);
      else expect(found).toBeGreaterThan(LOSSY);
    });
  });
}
