import { checkConfig, createPlan, createRandom } from "@ligo/core";
import { CONTRACTION_ORDERS } from "@ligo/core/cost";
import { resolveTensors } from "@ligo/core/layout";
import { ligoOperator, type LigoOptions } from "@ligo/core/methods";
import {
  createOnnxEngine,
  createReferenceEngine,
  type Engine,
  type Numbers,
  type TensorSpecs,
} from "@ligo/engine";
import { createModel, type ContractionPolicy, type Objective } from "@ligo/nn";
import { readRecordedCheckpoint } from "@ligo/testkit";
import {
  gradientProgram,
  learnOperator,
  operatorLoss,
  type OperatorLearningOptions,
} from "@ligo/train";
import { describe, expect, it } from "vitest";
import { gpt2 } from "./index.js";

const CLASS = "GPT2LMHeadModel";
const recorded = await readRecordedCheckpoint(
  new URL("./__fixtures__/gpt2-tiny/", import.meta.url),
);
const configOf = (changes: Readonly<Record<string, unknown>>) =>
  checkConfig(gpt2, { ...recorded.config, ...changes });
const large = configOf({ n_embd: 48, n_head: 6, n_layer: 5 });
const plan = createPlan(gpt2.layout(configOf({}), CLASS), gpt2.layout(large, CLASS));
const objective = createModel(gpt2, large, CLASS).then(
  ({ objectives }) => objectives["causal-lm"],
) as Promise<Objective>;
const source = new Map(
  [...resolveTensors(plan.source, recorded.tensors).tensors].map(([name, stored]) => [
    name,
    recorded.tensors.get(stored)?.data as Float32Array,
  ]),
);
const batch: TensorSpecs = Object.fromEntries(
  [...recorded.inputs].map(([name, { shape }]) => [name, { shape, dtype: "int32" }]),
);
const feeds = Object.fromEntries([...recorded.inputs].map(([name, { data }]) => [name, data]));

const forms: readonly NonNullable<LigoOptions["form"]>[] = [
  "target-layer",
  "source-layer",
  "model",
];
const problemOf = async (
  form: (typeof forms)[number],
  contraction: ContractionPolicy,
): Promise<OperatorLearningOptions> => ({
  plan,
  operator: ligoOperator(plan, createRandom(1), { form }),
  objective: await objective,
  source,
  contraction,
  batch,
});

/** Loss and operator gradients. */
async function gradients(
  engine: Engine,
  form: (typeof forms)[number],
  contraction: ContractionPolicy,
): Promise<Record<string, Numbers>> {
  const problem = operatorLoss(await problemOf(form, contraction));
  const learnable = Object.fromEntries(
    Object.entries(problem.values).map(([name, data]) => [`learnable/${name}`, data]),
  );
  const compiled = await engine.compile(gradientProgram(problem), {
    state: {},
    frozen: { ...problem.frozenValues, ...learnable },
  });
  const outputs = await compiled.run(feeds);
  await compiled.dispose();
  return outputs;
}

const [onnx, reference] = [createOnnxEngine(), createReferenceEngine()];

describe("learning to grow a tiny GPT-2, whose weights are stored [in, out] and fused", () => {
  it.each(forms)("%s: all orders of products agree, on both engines", async (form) => {
    const expected = await gradients(reference, form, "materialise");
    const scale = Math.max(...Object.values(expected).flatMap((data) => [...data].map(Math.abs)));
    const others: readonly (readonly [Engine, ContractionPolicy])[] = [
      [reference, "planned"],
      ...["planned" as const, ...CONTRACTION_ORDERS].map((order) => [onnx, order] as const),
    ];
    for (const [engine, order] of others) {
      const actual = await gradients(engine, form, order);
      expect(Object.keys(actual)).toEqual(Object.keys(expected));
      for (const [name, data] of Object.entries(expected)) {
        // float32 products in another order; the largest number is the loss
        expect(actual[name], `${name}, ${order}, ${engine.name}`).toBeAllClose(data, {
          absolute: 1e-5 * scale,
          relative: 1e-4,
        });
      }
    }
  });

  it.each(forms)("%s: the loss falls", async (form) => {
    const learner = await learnOperator(onnx, await problemOf(form, "planned"));
    const { loss } = await learner.step(feeds, 0);
    for (let step = 0; step < 8; step++) await learner.step(feeds, 0.02);
    expect((await learner.step(feeds, 0)).loss).toBeLessThan(loss - 0.05);
    await learner.compiled.dispose();
  });
});
