import { createModel } from "@ligo/nn";
import { createPlan, createRandom, type Matrix } from "@ligo/core";
import { ligoOperator, type LigoOptions } from "@ligo/core/methods";
import type { Numbers } from "@ligo/engine";
import type { Objective } from "@ligo/nn";
import {
  createEvaluator,
  createTrainer,
  initialWeights,
  learnOperator,
  linearSchedule,
  type Weights,
} from "@ligo/train";
import { describe, expect, it } from "vitest";
import {
  engine,
  grow,
  inputs,
  labels,
  randomWeights,
  specs,
  tinyConfig,
} from "./__fixtures__/tiny.js";
import { bert, type BertConfig } from "./index.js";

const batch: Readonly<Record<string, Numbers>> = { ...inputs, labels };
const objectiveOf = async (config: BertConfig, className: string): Promise<Objective> =>
  (await createModel(bert, config, className)).objectives["masked-lm"] as Objective;

const classes = ["BertForMaskedLM", "BertForPreTraining"].flatMap((className) =>
  [true, false].map((tied) => [className, tied ? "tied" : "untied", tied] as const),
);

describe("training a tiny BERT", () => {
  it.each(classes)("lowers the loss of %s, %s", async (className, _ties, tied) => {
    const config = tinyConfig({ tie_word_embeddings: tied });
    const layout = bert.layout(config, className);
    const objective = await objectiveOf(config, className);
    const model = { layout, objective, batch: specs(batch) };
    const rate = linearSchedule({ peak: 0.02, warmup: 5, steps: 60 });
    const train = async (weights: Weights): Promise<number[]> => {
      const trainer = await createTrainer(engine, { ...model, weights });
      const losses: number[] = [];
      for (let step = 0; step < 60; step++) {
        losses.push((await trainer.step(batch, rate(step))).loss);
      }
      await trainer.compiled.dispose();
      return losses;
    };
    const [weights, again] = [1, 1].map((seed) =>
      initialWeights(layout, { seed, deviation: 0.02 }),
    );
    const losses = await train(weights as Weights);
    // small weights guess: every token of the vocabulary is as likely
    expect(losses[0]).toBeCloseTo(Math.log(config.vocab_size), 1);
    expect(losses.at(-1)).toBeLessThan(0.5);
    expect(await train(again as Weights)).toEqual(losses);
    expect(again).toEqual(weights);

    const evaluator = await createEvaluator(engine, { ...model, weights: weights as Weights });
    expect(await evaluator.evaluate([batch])).toMatchObject({ accuracy: 1, positions: 4 });
  });

  it("takes packed labels to the same loss", async () => {
    const config = tinyConfig();
    const layout = bert.layout(config, "BertForMaskedLM");
    const objective = await objectiveOf(config, "BertForMaskedLM");
    const weights = randomWeights(layout, 2);
    const positions = [...labels.keys()].filter((index) => labels[index] !== -100);
    const packed = {
      ...inputs,
      label_positions: Int32Array.of(...positions, 0, 0),
      label_ids: Int32Array.of(...positions.map((index) => labels[index] as number), -100, -100),
    };
    const list = { shape: [positions.length + 2], dtype: "int32" as const };
    const dense = await createEvaluator(engine, {
      layout,
      objective,
      weights,
      batch: specs(batch),
    });
    const sparse = await createEvaluator(engine, {
      layout,
      objective,
      weights,
      batch: { ...specs(inputs), label_positions: list, label_ids: list },
    });
    const expected = await dense.evaluate([batch]);
    const actual = await sparse.evaluate([packed]);
    // the same four rows of logits, summed in another order
    expect(actual.loss).toBeCloseTo(expected.loss, 5);
    expect(actual).toMatchObject({ accuracy: expected.accuracy, positions: 4 });
  });
});

const starts: Readonly<Record<string, LigoOptions>> = {
  "target-layer": { form: "target-layer" },
  "source-layer": { form: "source-layer" },
  "target-layer, function-preserving": { form: "target-layer", width: "function-preserving" },
  "source-layer, function-preserving": { form: "source-layer", width: "function-preserving" },
};
const growths = {
  both: {
    hidden_size: 12,
    num_attention_heads: 3,
    intermediate_size: 20,
    num_hidden_layers: 3,
  },
  depth: { num_hidden_layers: 4 },
  width: { hidden_size: 12, num_attention_heads: 3, intermediate_size: 20 },
};
const cases = [
  ...classes.flatMap(([className, ties, tied]) =>
    Object.keys(starts).map((start) => [className, ties, start, "both", tied] as const),
  ),
  ...Object.keys(starts).flatMap((start) =>
    (["depth", "width"] as const).map(
      (growth) => ["BertForMaskedLM", "tied", start, growth, true] as const,
    ),
  ),
];

describe("learning to grow a tiny BERT", () => {
  it.each(cases)("%s, %s, %s: grows %s", async (className, _ties, start, growth, tied) => {
    const small = tinyConfig({ tie_word_embeddings: tied });
    const large = tinyConfig({ tie_word_embeddings: tied, ...growths[growth] });
    const plan = createPlan(bert.layout(small, className), bert.layout(large, className));
    const operator = ligoOperator(plan, createRandom(1), starts[start]);
    const source = randomWeights(plan.source, 3);
    const objective = await objectiveOf(large, className);
    const learner = await learnOperator(engine, {
      plan,
      operator,
      objective,
      source,
      batch: specs(batch),
    });

    const evaluator = await createEvaluator(engine, {
      layout: plan.target,
      objective,
      batch: specs(batch),
      weights: await grow(plan, operator, source),
    });
    const { loss } = await learner.step(batch, 0);
    // float32 products in another order
    expect(loss).toBeCloseTo((await evaluator.evaluate([batch])).loss, 5);
    expect(await learner.operator()).toEqual(operator);

    for (let step = 0; step < 6; step++) await learner.step(batch, 0.01);
    expect((await learner.step(batch, 0)).loss).toBeLessThan(loss - 0.05);
    if (start === "target-layer") {
      for (const [name, { data, columns }] of (await learner.operator()).tensors) {
        if (!name.startsWith("width.")) continue;
        const identity = (operator.tensors.get(name) as Matrix).data.subarray(0, columns ** 2);
        expect(data.subarray(0, columns ** 2), name).toEqual(identity);
      }
    }
    await Promise.all([learner.compiled.dispose(), evaluator.compiled.dispose()]);
  });

  it("unties a head while growing", async () => {
    const small = tinyConfig();
    const large = tinyConfig({ ...growths.both, tie_word_embeddings: false });
    const plan = createPlan(
      bert.layout(small, "BertForMaskedLM"),
      bert.layout(large, "BertForMaskedLM"),
      { ties: "untie" },
    );
    const operator = ligoOperator(plan, createRandom(2));
    const source = randomWeights(plan.source, 4);
    const objective = await objectiveOf(large, "BertForMaskedLM");
    const learner = await learnOperator(engine, {
      plan,
      operator,
      objective,
      source,
      batch: specs(batch),
    });
    const evaluator = await createEvaluator(engine, {
      layout: plan.target,
      objective,
      batch: specs(batch),
      weights: await grow(plan, operator, source),
    });
    const { loss } = await learner.step(batch, 0);
    // float32 products in another order
    expect(loss).toBeCloseTo((await evaluator.evaluate([batch])).loss, 5);
  });
});
