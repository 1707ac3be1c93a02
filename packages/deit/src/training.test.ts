import { createModel } from "@ligo/nn";
import { checkConfig, createPlan, createRandom } from "@ligo/core";
import { ligoOperator } from "@ligo/core/methods";
import { createOnnxEngine, type Numbers, type TensorSpecs } from "@ligo/engine";
import type { Objective } from "@ligo/nn";
import { createEvaluator, createTrainer, initialWeights, learnOperator } from "@ligo/train";
import { describe, expect, it } from "vitest";
import { deit, type DeitConfig } from "./index.js";

const engine = createOnnxEngine();
const CLASS = "DeiTForImageClassificationWithTeacher";
const config = (changes: Readonly<Record<string, unknown>> = {}): DeitConfig =>
  checkConfig(deit, {
    model_type: "deit",
    hidden_size: 8,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 12,
    image_size: 4,
    patch_size: 2,
    num_labels: 3,
    ...changes,
  });
const objectiveOf = async (of: DeitConfig, name: string): Promise<Objective> =>
  (await createModel(deit, of, CLASS)).objectives[name] as Objective;

const random = createRandom(5);
/** The teacher is sure, and of another opinion on the last image. */
const batch: Readonly<Record<string, Numbers>> = {
  pixel_values: Float32Array.from({ length: 3 * 3 * 4 * 4 }, random.normal),
  labels: Int32Array.of(0, 1, 2),
  teacher_logits: Float32Array.of(9, 0, 0, 0, 9, 0, 9, 0, 0),
};
const specs: TensorSpecs = {
  pixel_values: { shape: [3, 3, 4, 4], dtype: "float32" },
  labels: { shape: [3], dtype: "int32" },
  teacher_logits: { shape: [3, 3], dtype: "float32" },
};

describe.each(["image-classification", "hard-distillation", "soft-distillation"])(
  "%s with a tiny DeiT",
  (name) => {
    it("is learned, and judged by the labels", async () => {
      const layout = deit.layout(config(), CLASS);
      const objective = await objectiveOf(config(), name);
      const weights = initialWeights(layout, { seed: 1, deviation: 0.02 });
      const trainer = await createTrainer(engine, { layout, objective, weights, batch: specs });
      const losses: number[] = [];
      for (let step = 0; step < 80; step++) losses.push((await trainer.step(batch, 0.02)).loss);
      expect(losses.at(-1)).toBeLessThan(0.1 * (losses[0] as number));
      const evaluator = await createEvaluator(engine, { layout, objective, weights, batch: specs });
      const { accuracy, positions } = await evaluator.evaluate([batch]);
      expect(positions).toBe(3);
      // where the heads disagree, either may win
      expect(accuracy).toBeGreaterThan(0.6);
      await trainer.compiled.dispose();
    });

    it("is learned through growth", async () => {
      const target = config({
        hidden_size: 12,
        num_attention_heads: 3,
        intermediate_size: 20,
        num_hidden_layers: 3,
      });
      const plan = createPlan(deit.layout(config(), CLASS), deit.layout(target, CLASS));
      const learner = await learnOperator(engine, {
        plan,
        operator: ligoOperator(plan, createRandom(1)),
        objective: await objectiveOf(target, name),
        source: initialWeights(plan.source, { seed: 3, deviation: 0.3 }),
        batch: specs,
      });
      const { loss } = await learner.step(batch, 0);
      for (let step = 0; step < 12; step++) await learner.step(batch, 0.02);
      expect((await learner.step(batch, 0)).loss).toBeLessThan(loss - 0.05);
      await learner.compiled.dispose();
    });
  },
);
