import {
  createOnnxEngine,
  createTensorFlowEngine,
  hasNativeTensorFlow,
  type Engine,
} from "@ligo/engine";
import * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import { toyBatch, toyInputs, toyLayout, toyObjective } from "./__fixtures__/toy-model.js";
import { createEvaluator, createTrainer, initialWeights, type Weights } from "./index.js";

const sizes = { embed: 6, mlp: 8, layers: 2, tied: true };
const layout = toyLayout(sizes);
const model = { layout, objective: toyObjective(sizes), batch: toyBatch };
const installed = hasNativeTensorFlow();
const reason = installed ? "" : " (skipped: @tensorflow/tfjs-node is not installed)";

interface Run {
  readonly losses: readonly number[];
  readonly judged: readonly number[];
  readonly weights: Weights;
}

/** Trains, evaluating the same arrays every ten steps, and writing to them once. */
async function train(engine: Engine, steps: number, accumulate: number): Promise<Run> {
  const weights = initialWeights(layout, { seed: 5, deviation: 0.3 });
  const trainer = await createTrainer(engine, { ...model, weights, accumulate });
  const evaluator = await createEvaluator(engine, { ...model, weights });
  const losses: number[] = [];
  const judged: number[] = [];
  for (let step = 0; step < steps; step++) {
    const batches = Array.from({ length: accumulate }, () => toyInputs);
    losses.push((await trainer.step(batches, 0.01)).loss);
    if (step % 10 === 9) judged.push((await evaluator.evaluate([toyInputs])).loss);
    if (step === 10) await evaluator.write(new Map([["norm.gain", new Float32Array(6).fill(0.5)]]));
    const table = weights.get("table") as Float32Array;
    if (step === 15) await evaluator.write(new Map([["table", table.fill(0.25)]]));
  }
  await trainer.weights();
  await evaluator.compiled.dispose();
  await trainer.compiled.dispose();
  return { losses, judged, weights };
}

describe.skipIf(!installed)(`training on the tensorflow engine${reason}`, () => {
  it.each([1, 2])("is that of onnx, with %i batches an update", async (accumulate) => {
    const engine = await createTensorFlowEngine({ device: "cpu" });
    const expected = await train(createOnnxEngine(), 30, accumulate);
    const actual = await train(engine, 30, accumulate);
    // thirty steps of float32 arithmetic, summed in another order; AdamW divides by small numbers at first
    expect(actual.losses).toBeAllClose(expected.losses, { relative: 1e-4 });
    expect(actual.judged).toBeAllClose(expected.judged, { relative: 1e-4 });
    expect(expected.losses[16]).not.toBeCloseTo(expected.losses[15] as number, 3);
    for (const [name, values] of expected.weights)
      expect(actual.weights.get(name), name).toBeAllClose(values, { absolute: 1e-3 });
  });

  it("leaks no tensor in 200 steps, and none when it ends", async () => {
    const engine = await createTensorFlowEngine({ device: "cpu" });
    const before = tf.memory().numTensors;
    const weights = initialWeights(layout, { seed: 5, deviation: 0.3 });
    const trainer = await createTrainer(engine, { ...model, weights });
    await trainer.step(toyInputs, 0.01);
    const { numTensors, numBytes } = tf.memory();
    for (let step = 1; step < 200; step++) await trainer.step(toyInputs, 0.01);
    expect(tf.memory()).toMatchObject({ numTensors, numBytes });
    // parameters and two moments of each
    expect(numTensors - before).toBe(3 * weights.size);
    await trainer.compiled.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
