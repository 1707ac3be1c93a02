import {
  applyOperator,
  createPlan,
  createRandom,
  memorySource,
  methodNamed,
  type Operator,
} from "@ligo/core";
import { createOnnxEngine } from "@ligo/engine";
import { describe, expect, it } from "vitest";
import { toyBatch, toyInputs, toyLayout, toyObjective } from "./__fixtures__/toy-model.js";
import {
  createEvaluator,
  createTrainer,
  initialWeights,
  learnOperator,
  type OperatorLearningOptions,
  type StepBatch,
  type Weights,
} from "./index.js";

const engine = createOnnxEngine();
const SMALL = { embed: 3, mlp: 4, layers: 2, tied: true };
const LARGE = { embed: 5, mlp: 6, layers: 3, tied: true };
const RATE = 0.03;

const plan = createPlan(toyLayout(SMALL), toyLayout(LARGE));
const source = initialWeights(toyLayout(SMALL), { seed: 1, deviation: 0.5 });
const objective = toyObjective(LARGE);

/** Other tokens and labels than those of `toyInputs`. */
const others: StepBatch = {
  input_ids: Int32Array.of(6, 5, 4, 3, 2, 1, 0, 6),
  labels: Int32Array.of(-100, 2, 2, -100, 5, 0, 3, -100),
};

const startedFrom = (start: string): Operator =>
  methodNamed("ligo").operator(plan, {
    random: createRandom(2),
    options: { start, form: "target-layer" },
  });

const options = (operator: Operator, more: object = {}): OperatorLearningOptions => ({
  plan,
  source,
  operator,
  objective,
  batch: toyBatch,
  ...more,
});

async function grownWeights(operator: Operator): Promise<Map<string, Float32Array>> {
  const weights = new Map<string, Float32Array>();
  for await (const { data, tensor } of applyOperator(plan, operator, memorySource(source)))
    weights.set(tensor.name, data);
  return weights;
}

/** Weights of the grown model after steps on the batches. */
async function trained(
  operator: Operator,
  batches: readonly StepBatch[],
  accumulate = 1,
): Promise<Weights> {
  const trainer = await createTrainer(engine, {
    layout: plan.target,
    objective,
    batch: toyBatch,
    weights: await grownWeights(operator),
    optimizer: { weightDecay: 0 },
    accumulate,
  });
  for (let first = 0; first < batches.length; first += accumulate)
    await trainer.step(batches.slice(first, first + accumulate), RATE);
  const weights = await trainer.weights();
  await trainer.compiled.dispose();
  return weights;
}

async function lossOf(weights: Weights): Promise<number> {
  const evaluator = await createEvaluator(engine, {
    layout: plan.target,
    objective,
    batch: toyBatch,
    weights,
  });
  const { loss } = await evaluator.evaluate([toyInputs]);
  await evaluator.compiled.dispose();
  return loss;
}

describe("learning ahead of a training", () => {
  it.each(["lossless-fresh", "direct-copy", "stack"])(
    "takes the loss that the grown model of %s has after the training, step after step",
    async (start) => {
      const operator = startedFrom(start);
      const ahead = { steps: 2, learningRate: RATE };
      const learner = await learnOperator(engine, options(operator, { ahead }));
      const batches = [others, toyInputs, toyInputs];
      let now = operator;
      for (const rate of [0.02, 0.02, 0]) {
        const { loss } = await learner.step(batches, rate);
        // float32 products in another order
        expect(loss).toBeCloseTo(await lossOf(await trained(now, [others, toyInputs])), 5);
        now = await learner.operator();
      }
      expect(now).not.toEqual(operator);
      await learner.compiled.dispose();
    },
  );

  it("moves the operator as one whose grown weights are that much elsewhere", async () => {
    const operator = startedFrom("stack");
    const [before, after] = [await grownWeights(operator), await trained(operator, [others])];
    const changes = [...before].map(([name, data]): [string, Float32Array] => [
      name,
      after.get(name)!.map((value, index) => value - data[index]!),
    ]);
    const ahead = { steps: 1, learningRate: RATE };
    const looking = await learnOperator(engine, options(operator, { ahead }));
    const shifted = await learnOperator(engine, options(operator, { fresh: new Map(changes) }));
    const plain = await learnOperator(engine, options(operator));
    const rate = 0.05;
    const results = [
      await looking.step([others, toyInputs], rate),
      await shifted.step(toyInputs, rate),
    ];
    await plain.step(toyInputs, rate);
    expect(results[0]).toEqual(results[1]);
    expect(await looking.operator()).toEqual(await shifted.operator());
    expect(await looking.operator()).not.toEqual(await plain.operator());
    for (const learner of [looking, shifted, plain]) await learner.compiled.dispose();
  });

  it("takes batches in parts, counts all steps, and goes on bit for bit", async () => {
    const operator = startedFrom("lossless-fresh");
    const ahead = { steps: 2, learningRate: RATE };
    const problem = options(operator, { ahead, accumulate: 2 });
    const whole = await learnOperator(engine, problem);
    const batches = [others, toyInputs, toyInputs, others, toyInputs, toyInputs];
    const { loss } = await whole.step(batches, 0.02);
    expect(loss).toBeCloseTo(await lossOf(await trained(operator, batches.slice(0, 4), 2)), 5);

    const state = structuredClone(await whole.compiled.read());
    const on = await learnOperator(engine, { ...problem, start: { steps: whole.steps, state } });
    expect(await on.step(batches, 0.02)).toEqual(await whole.step(batches, 0.02));
    expect(await on.operator()).toEqual(await whole.operator());

    const here = await learnOperator(engine, options(operator, { accumulate: 2 }));
    expect(whole.compiled.info.matrixFlops).toBeGreaterThan(2 * here.compiled.info.matrixFlops);
    for (const learner of [whole, on, here]) await learner.compiled.dispose();
  });
});
