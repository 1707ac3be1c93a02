import { createModel } from "@ligo/nn";
import { checkConfig, createPlan, createRandom } from "@ligo/core";
import { ligoOperator } from "@ligo/core/methods";
import { createOnnxEngine, type Numbers, type TensorSpecs } from "@ligo/engine";
import type { Objective } from "@ligo/nn";
import { createTrainer, initialWeights, learnOperator } from "@ligo/train";
import { describe, expect, it } from "vitest";
import { cait, type CaitConfig } from "./index.js";

const engine = createOnnxEngine();
const config = (changes: Readonly<Record<string, unknown>> = {}): CaitConfig =>
  checkConfig(cait, {
    model_type: "cait",
    embed_dim: 8,
    num_heads: 2,
    depth: 2,
    depth_token_only: 1,
    mlp_ratio: 1.5,
    img_size: 4,
    patch_size: 2,
    num_classes: 3,
    ...changes,
  });
const objectiveOf = async (of: CaitConfig): Promise<Objective> =>
  (await createModel(cait, of, "Cait")).objectives["image-classification"] as Objective;

const random = createRandom(5);
const batch: Readonly<Record<string, Numbers>> = {
  pixel_values: Float32Array.from({ length: 3 * 3 * 4 * 4 }, random.normal),
  labels: Int32Array.of(0, 1, 2),
  stochastic_depth: Float32Array.of(1, 1, 1, 2, 0, 2),
};
const specs: TensorSpecs = {
  pixel_values: { shape: [3, 3, 4, 4], dtype: "float32" },
  labels: { shape: [3], dtype: "int32" },
  stochastic_depth: { shape: [2, 3], dtype: "float32" },
};

describe("a tiny CaiT", () => {
  it("learns from scratch, though its branches start at zero", async () => {
    const layout = cait.layout(config(), "Cait");
    const trainer = await createTrainer(engine, {
      layout,
      objective: await objectiveOf(config()),
      weights: initialWeights(layout, { seed: 1, deviation: 0.1 }),
      batch: specs,
    });
    const losses: number[] = [];
    for (let step = 0; step < 80; step++) losses.push((await trainer.step(batch, 0.02)).loss);
    // without branches the class token sees no image: every class is about as likely
    expect(losses[0]).toBeCloseTo(Math.log(3), 1);
    expect(losses.at(-1)).toBeLessThan(0.1);
    await trainer.compiled.dispose();
  });

  it.each(["target-layer", "source-layer"] as const)(
    "learns to grow, heads that talk and both stacks, in the form %s",
    async (form) => {
      const target = config({ embed_dim: 12, num_heads: 3, depth: 3, depth_token_only: 2 });
      const plan = createPlan(cait.layout(config(), "Cait"), cait.layout(target, "Cait"));
      const operator = ligoOperator(plan, createRandom(1), { form });
      expect(operator.tensors.get("depth.blocks.{i}.attn.proj_l.weight")).toMatchObject({
        rows: 3,
        columns: 2,
      });
      const source = new Map(
        [...initialWeights(plan.source, { seed: 3, deviation: 0.3 })].map(([name, data]) => [
          name,
          name.includes("gamma") ? data.fill(0.5) : data,
        ]),
      );
      const learner = await learnOperator(engine, {
        plan,
        operator,
        objective: await objectiveOf(target),
        source,
        batch: { ...specs, stochastic_depth: { shape: [3, 3], dtype: "float32" } },
      });
      const grown = { ...batch, stochastic_depth: new Float32Array(9).fill(1) };
      const { loss } = await learner.step(grown, 0);
      for (let step = 0; step < 12; step++) await learner.step(grown, 0.02);
      expect((await learner.step(grown, 0)).loss).toBeLessThan(loss - 0.05);
      await learner.compiled.dispose();
    },
  );
});
