import { createModel } from "@ligo/nn";
import { createPlan, createRandom } from "@ligo/core";
import { ligoOperator } from "@ligo/core/methods";
import { createOnnxEngine } from "@ligo/engine";
import type { Objective } from "@ligo/nn";
import {
  createEvaluator,
  createTrainer,
  initialWeights,
  learnOperator,
  type Weights,
} from "@ligo/train";
import { describe, expect, it } from "vitest";
import { batch, specs, tinyConfig } from "./__fixtures__/tiny.js";
import { vit, type VitConfig } from "./index.js";

const engine = createOnnxEngine();
const CLASS = "ViTForImageClassification";
const objectiveOf = async (config: VitConfig): Promise<Objective> =>
  (await createModel(vit, config, CLASS)).objectives["image-classification"] as Objective;
/** Cross-entropy that remains when the distribution is matched: its own entropy. */
const smoothed = [0.1 / 3 + 0.9, 0.1 / 3, 0.1 / 3].reduce((sum, p) => sum - p * Math.log(p), 0);

async function train(
  weights: Weights,
  more: Readonly<Record<string, Float32Array>> = {},
): Promise<number[]> {
  const layout = vit.layout(tinyConfig(), CLASS);
  const trainer = await createTrainer(engine, {
    layout,
    objective: await objectiveOf(tinyConfig()),
    weights,
    batch: {
      ...specs,
      ...Object.fromEntries(
        Object.keys(more).map((name) => [name, { shape: [2, 4], dtype: "float32" as const }]),
      ),
    },
  });
  const losses: number[] = [];
  for (let step = 0; step < 80; step++)
    losses.push((await trainer.step({ ...batch, ...more }, 0.02)).loss);
  await trainer.compiled.dispose();
  return losses;
}

describe("training a tiny ViT", () => {
  const weights = (): Weights =>
    initialWeights(vit.layout(tinyConfig(), CLASS), { seed: 1, deviation: 0.02 });

  it("reaches the entropy of the smoothed labels, and is judged by the labels", async () => {
    const trained = weights();
    const losses = await train(trained);
    // small weights guess: every class is as likely
    expect(losses[0]).toBeCloseTo(Math.log(3), 1);
    expect(losses.at(-1)).toBeGreaterThan(smoothed);
    expect(losses.at(-1)).toBeLessThan(smoothed + 0.02);
    const evaluator = await createEvaluator(engine, {
      layout: vit.layout(tinyConfig(), CLASS),
      objective: await objectiveOf(tinyConfig()),
      batch: specs,
      weights: trained,
    });
    expect(await evaluator.evaluate([batch])).toMatchObject({ accuracy: 1, positions: 4 });
  });

  it("takes stochastic depth from the batch", async () => {
    const all = await train(weights(), { stochastic_depth: new Float32Array(8).fill(1) });
    // float32 sums in another order
    expect(all[0]).toBeCloseTo((await train(weights()))[0] as number, 5);
    const some = await train(weights(), {
      stochastic_depth: Float32Array.of(1, 1, 1, 1, 0, 2, 0, 2),
    });
    expect(Math.abs((some[0] as number) - (all[0] as number))).toBeGreaterThan(1e-5);
    expect(some.at(-1)).toBeLessThan(smoothed + 0.1);
  });
});

describe("learning to grow a tiny ViT", () => {
  it.each(["target-layer", "source-layer"] as const)("in the form %s", async (form) => {
    const target = tinyConfig({
      hidden_size: 12,
      num_attention_heads: 3,
      intermediate_size: 20,
      num_hidden_layers: 3,
    });
    const plan = createPlan(vit.layout(tinyConfig(), CLASS), vit.layout(target, CLASS));
    const source = initialWeights(plan.source, { seed: 3, deviation: 0.3 });
    const learner = await learnOperator(engine, {
      plan,
      operator: ligoOperator(plan, createRandom(1), { form }),
      objective: await objectiveOf(target),
      source,
      batch: specs,
    });
    const { loss } = await learner.step(batch, 0);
    for (let step = 0; step < 12; step++) await learner.step(batch, 0.02);
    expect((await learner.step(batch, 0)).loss).toBeLessThan(loss - 0.1);
    await learner.compiled.dispose();
  });
});
