import {
  createRandom,
  methods,
  type Architecture,
  type KeptFunction,
  type Method,
  type Plan,
  type RawConfig,
} from "@ligo/core";
import { makeOperator, sparkling } from "@ligo/core/methods";
import { describe, expect, it } from "vitest";
import { compareGrowth, randomModel } from "./compare-growth.js";
import type { FixtureTensors } from "./fixtures.js";

/** A small model, and how it grows. */
export interface MethodCases {
  readonly small: RawConfig;
  /** Inputs of a forward pass. */
  readonly inputs: FixtureTensors;
  /** Keys of the config that change, by name. */
  readonly growths: Readonly<Record<string, RawConfig>>;
  /** Largest change of a kept function, where rounding weighs more than in most models. Default {@link ROUNDING}. */
  readonly rounding?: number;
}

/** Largest change of a kept function, relative to the largest logit: float32 sums in another order, three times as many terms. */
export const ROUNDING = 2e-6;
/** Change that a growth makes at least where it does not keep the function. */
const LOSSY = 1e-4;

/** A growth, measured and predicted. */
export interface FunctionChange {
  /**
   * Largest difference of the logits between a model with random weights and the one a method grows of it, relative to the
   * largest logit. Of a method that learns, before it does.
   */
  readonly change: number;
  /** The prediction of the method; `undefined` where it makes none of the start of learning. */
  readonly predicted: KeptFunction | undefined;
}

/** Grows a model with random weights by a method and compares its logits before and after. */
export async function functionChange(
  architecture: Architecture,
  model: Pick<MethodCases, "small" | "inputs">,
  growth: RawConfig,
  method: Method,
): Promise<FunctionChange> {
  const small = randomModel(architecture, model.small, model.inputs);
  let planned: Plan | undefined;
  const { differences } = await compareGrowth(architecture, small, growth, (plan, read) => {
    planned = plan;
    return makeOperator(method, plan, read, { random: createRandom(3) });
  });
  return {
    change: differences.get("logits") ?? Number.NaN,
    predicted: planned && prediction(method, planned, architecture),
  };
}

function prediction(
  method: Method,
  plan: Plan,
  architecture: Architecture,
): KeptFunction | undefined {
  return method.learns === false
    ? method.keepsFunction(plan, architecture)
    : method.startKeepsFunction?.(plan, architecture);
}

/** A method with other options than its defaults. */
function withOptions<Options extends object>(
  method: Method<Options>,
  options: Partial<Options>,
): Method {
  return {
    ...method,
    name: `${method.name} ${Object.values(options).join(", ")}`,
    keepsFunction: (plan, architecture) => method.keepsFunction(plan, architecture, options),
    operator: (plan, input) => method.operator(plan, { ...input, options }),
  };
}

/** The methods whose operators predict, before anything is learned, whether they keep the function; without data. */
const predicting: readonly Method[] = [
  ...methods.filter(
    (method) =>
      method.asksData !== true && (method.learns === false || "startKeepsFunction" in method),
  ),
  withOptions(sparkling, { newUnits: "fresh" }),
];

/**
 * Registers a vitest test for every such method and growth: the function is kept where the method says so, and changes
 * where it gives reasons.
 */
export function describeMethods(architecture: Architecture, cases: MethodCases): void {
  describe.each(predicting)("$name", (method) => {
    it.each(Object.entries(cases.growths))("%s", async (_name, growth) => {
      const { change, predicted } = await functionChange(architecture, cases, growth, method);
      expect(predicted).toBeDefined();
      if (predicted?.kept === true) expect(change).toBeLessThan(cases.rounding ?? ROUNDING);
      else expect(change, predicted?.reasons.join("; ")).toBeGreaterThan(LOSSY);
    });
  });
}
