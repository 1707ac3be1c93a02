import {
  createPlan,
  createRandom,
  methodNamed,
  type Architecture,
  type RawConfig,
} from "@ligo/core";
import { withNormEpsilon } from "@ligo/core/operator";
import type { Weights } from "@ligo/train";
import { describe, expect, it } from "vitest";
import { randomModel } from "./compare-growth.js";
import { functionChange, ROUNDING } from "./describe-methods.js";
import type { FixtureTensors } from "./fixtures.js";
import { engines, growWeights, layOut, makeModel, runGradients, withoutLabels } from "./models.js";

/** A small model, a batch with labels, and how the model grows. */
export interface LosslessFreshCase {
  readonly small: RawConfig;
  /** Inputs in which every token and position occurs, and labels. */
  readonly inputs: FixtureTensors;
  /** Keys of the config that change. */
  readonly growth: RawConfig;
  /** Largest change of the logits. Default {@link ROUNDING}. */
  readonly rounding?: number;
  /** Names of tensors that never have a gradient, beside biases of keys: these move all scores of a query alike. */
  readonly flat?: RegExp;
}

/** Steps after which everything has a gradient: zeros beside drawn numbers at once, these after them. */
const STEPS = 3;

/**
 * Registers vitest tests of `lossless-fresh` at a growth by factors that are no whole numbers: the function is kept to rounding, and
 * every entry has a gradient at once or after a step, so that no new unit has zeros on both sides.
 */
export function describeLosslessFresh(architecture: Architecture, one: LosslessFreshCase): void {
  describe(`lossless-fresh grows ${String(architecture.modelTypes[0])} to odd sizes`, () => {
    it("keeps the function", async () => {
      const model = { small: one.small, inputs: withoutLabels(one.inputs) };
      const { change, predicted } = await functionChange(architecture, model, one.growth, method);
      expect(predicted).toEqual({ kept: true });
      expect(change).toBeLessThan(one.rounding ?? ROUNDING);
    });

    it("lets everything new learn", async () => {
      expect(await unlearnt(architecture, one)).toEqual([]);
    });
  });
}

const method = methodNamed("lossless-fresh");

/** `name: entries` of tensors in which entries have no gradient in the first steps. */
async function unlearnt(
  architecture: Architecture,
  { flat, growth, inputs, small }: LosslessFreshCase,
): Promise<readonly string[]> {
  const model = randomModel(architecture, small, withoutLabels(inputs));
  const raw = { ...small, ...growth };
  const plan = createPlan(model.layout, layOut(architecture, raw).layout);
  const operator = method.operator(plan, { random: createRandom(3) });
  const large = layOut(architecture, withNormEpsilon(architecture, raw, model.config, operator));
  const [objective] = Object.values((await makeModel(architecture, large)).objectives);
  if (objective === undefined) throw new RangeError(`${large.layout.className} has no objective.`);
  let weights: Weights = await growWeights(plan, operator, model.weights);
  const moved = new Map([...weights].map(([name, data]) => [name, new Uint8Array(data.length)]));
  for (let step = 0; step < STEPS; step++) {
    const { gradients } = await runGradients(
      engines.onnx(),
      objective,
      large.layout,
      weights,
      inputs,
    );
    for (const [name, gradient] of gradients)
      for (const [index, value] of gradient.entries())
        if (value !== 0) (moved.get(name) as Uint8Array)[index] = 1;
    weights = stepped(weights, gradients);
  }
  return [...moved]
    .filter(([name]) => !/\bk(?:ey|_proj)?\.bias$/u.test(name) && flat?.test(name) !== true)
    .map(([name, entries]) => [name, entries.filter((entry) => entry === 0).length] as const)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name}: ${count}`);
}

/** A step against the gradient, in every tensor as far as a hundredth of its entries' size. */
function stepped(weights: Weights, gradients: Weights): Weights {
  return new Map(
    [...weights].map(([name, data]) => {
      const gradient = gradients.get(name) ?? new Float32Array(data.length);
      const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const rate = largest === 0 ? 0 : 0.01 / largest;
      return [name, data.map((value, index) => value - rate * (gradient[index] as number))];
    }),
  );
}
