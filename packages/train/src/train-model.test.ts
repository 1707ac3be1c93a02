import { createOnnxEngine, type Numbers } from "@ligo/engine";
import { describe, expect, it } from "vitest";
import {
  toyBatch,
  toyInputs,
  toyLayout,
  toyObjective,
  VOCABULARY,
  type ToySizes,
} from "./__fixtures__/toy-model.js";
import {
  createEvaluator,
  createTrainer,
  initialWeights,
  learnableSpecs,
  type Evaluation,
  type Weights,
} from "./index.js";

const sizes: ToySizes = { embed: 6, mlp: 8, layers: 2, tied: true };
const layout = toyLayout(sizes);
const model = { layout, objective: toyObjective(sizes), batch: toyBatch };
const engine = createOnnxEngine();

const start = (seed: number): Weights => initialWeights(layout, { seed, deviation: 0.3 });

async function train(steps: number, weights: Weights): Promise<number[]> {
  const trainer = await createTrainer(engine, { ...model, weights });
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    losses.push((await trainer.step(toyInputs, 0.02)).loss);
  }
  expect(trainer.steps).toBe(steps);
  await trainer.compiled.dispose();
  return losses;
}

describe("learnableSpecs", () => {
  it("lists every tensor with numbers of its own", () => {
    const specs = learnableSpecs(layout);
    expect(Object.keys(specs)).toEqual([
      "table",
      "layer.0.up",
      "layer.1.up",
      "layer.0.bias",
      "layer.1.bias",
      "layer.0.down",
      "layer.1.down",
      "norm.gain",
      "norm.bias",
      "unused",
    ]);
    expect(specs["layer.1.up"]).toEqual({ shape: [8, 6], dtype: "float32", decay: true });
    expect(specs["layer.0.bias"]).toEqual({ shape: [8], dtype: "float32", decay: false });
    expect(learnableSpecs(toyLayout({ ...sizes, tied: false }))).toHaveProperty("head");
  });
});

describe("initialWeights", () => {
  const large = toyLayout({ embed: 100, mlp: 300, layers: 2, tied: true });

  it("draws the same numbers from the same seed, others for other tensors and seeds", () => {
    const weights = initialWeights(large, { seed: 5, deviation: 0.02 });
    expect(weights).toEqual(initialWeights(large, { seed: 5, deviation: 0.02 }));
    expect(weights.get("layer.0.up")).not.toEqual(weights.get("layer.1.up"));
    expect(weights.get("table")).not.toEqual(
      initialWeights(large, { seed: 6, deviation: 0.02 }).get("table"),
    );
  });

  it("is normal with the given deviation, one for gains and zero for biases", () => {
    const weights = initialWeights(large, { seed: 1, deviation: 0.02 });
    const up = weights.get("layer.0.up") as Float32Array;
    expect(up).toHaveLength(30_000);
    const mean = up.reduce((sum, value) => sum + value, 0) / up.length;
    const moment = (power: number): number =>
      up.reduce((sum, value) => sum + ((value - mean) / 0.02) ** power, 0) / up.length;
    // five standard errors of 30000 standard normal draws: 1, sqrt 2, sqrt 6 and sqrt 96 by sqrt 30000
    expect(Math.abs(mean / 0.02)).toBeLessThan(0.029);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.041);
    expect(Math.abs(moment(3))).toBeLessThan(0.071);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.29);
    expect(weights.get("norm.gain")).toEqual(new Float32Array(100).fill(1));
    expect(weights.get("norm.bias")).toEqual(new Float32Array(100));
    expect(weights.get("layer.1.bias")).toEqual(new Float32Array(300));
    expect(weights.has("head")).toBe(false);
  });
});

describe("createTrainer", () => {
  it("lowers the loss, starting near that of a guess", async () => {
    const losses = await train(60, initialWeights(layout, { seed: 1, deviation: 1e-3 }));
    // tiny weights give nearly equal logits
    expect(losses[0]).toBeCloseTo(Math.log(VOCABULARY), 1);
    expect(losses.at(-1)).toBeLessThan(0.1);
  });

  it("repeats itself bit by bit", async () => {
    const [first, second] = [start(2), start(2)];
    expect(await train(10, first)).toEqual(await train(10, second));
    expect(first).toEqual(second);
  });

  it("leaves an unused tensor to weight decay alone", async () => {
    const weights = start(3);
    const before = (weights.get("unused") as Float32Array).slice();
    await train(1, weights);
    // one float32 product
    expect(weights.get("unused")).toBeAllClose(
      before.map((value) => value * (1 - 0.02 * 0.1)),
      { relative: 1e-6, absolute: 0 },
    );
  });

  it("refuses weights that are missing or of another size", async () => {
    const weights = new Map(start(4));
    weights.set("norm.gain", new Float32Array(7));
    await expect(createTrainer(engine, { ...model, weights })).rejects.toMatchObject({
      code: "engine/wrong-input",
      tensor: "norm.gain",
    });
    weights.delete("norm.gain");
    await expect(createTrainer(engine, { ...model, weights })).rejects.toMatchObject({
      tensor: "norm.gain",
    });
  });
});

describe("createEvaluator", () => {
  it("sees the weights as they are at each call", async () => {
    const weights = start(5);
    const evaluator = await createEvaluator(engine, { ...model, weights });
    const trainer = await createTrainer(engine, { ...model, weights });
    for (let step = 0; step < 3; step++) {
      const { loss } = await evaluator.evaluate([toyInputs]);
      // the same forward pass in another graph
      expect((await trainer.step(toyInputs, 0.05)).loss).toBeCloseTo(loss, 6);
    }
    expect(trainer.weights.get("table")).toBe(weights.get("table"));
  });

  it("weighs batches by their labels and ignores -100", async () => {
    const evaluator = await createEvaluator(engine, { ...model, weights: start(6) });
    const labelled = (labels: readonly number[]): Record<string, Numbers> => ({
      ...toyInputs,
      labels: Int32Array.from(labels),
    });
    const ignored = Array.from({ length: 7 }, () => -100);
    const all = [1, 2, 3, 4, 5, 6, 0, 2];
    const singles: Evaluation[] = [];
    for (const [index, label] of all.entries()) {
      singles.push(await evaluator.evaluate([labelled(ignored.toSpliced(index, 0, label))]));
    }
    const mean = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length;

    const together = await evaluator.evaluate([labelled(all)]);
    expect(together.positions).toBe(8);
    // means of float32 losses, taken in another order
    expect(together.loss).toBeCloseTo(mean(singles.map(({ loss }) => loss)), 5);
    expect(together.accuracy).toBeCloseTo(mean(singles.map(({ accuracy }) => accuracy)), 10);
    expect(together.perplexity).toBe(Math.exp(together.loss));

    const apart = await evaluator.evaluate([
      labelled([...all.slice(0, 6), -100, -100]),
      labelled([...ignored.slice(0, 6), ...all.slice(6)]),
    ]);
    expect(apart.positions).toBe(8);
    expect(apart.loss).toBeCloseTo(together.loss, 5);
    expect(apart.accuracy).toBe(together.accuracy);
  });

  it("counts right predictions", async () => {
    const weights = start(7);
    const evaluator = await createEvaluator(engine, { ...model, weights });
    const trainer = await createTrainer(engine, { ...model, weights });
    for (let step = 0; step < 80; step++) await trainer.step(toyInputs, 0.02);
    expect((await evaluator.evaluate([toyInputs])).accuracy).toBe(1);
    const wrong = Int32Array.of(1, -100, 3, 4, -100, 5, -100, 0);
    const { accuracy, positions } = await evaluator.evaluate([{ ...toyInputs, labels: wrong }]);
    expect(positions).toBe(5);
    expect(accuracy).toBe(0.6);
  });
});

describe("a trainer that goes on from an earlier one", () => {
  const copyOf = (state: Readonly<Record<string, Float32Array>>): Record<string, Float32Array> =>
    Object.fromEntries(Object.entries(state).map(([name, data]) => [name, data.slice()]));
  const batches = (accumulate: number) => Array.from({ length: accumulate }, () => toyInputs);

  it.each([1, 2])("has the same numbers, bit for bit: %i batches an update", async (accumulate) => {
    const options = { ...model, accumulate };
    const whole = await createTrainer(engine, { ...options, weights: start(1) });
    for (let step = 0; step < 3; step++) await whole.step(batches(accumulate), 0.02);
    const [steps, state] = [whole.steps, copyOf(whole.compiled.state)];
    const on = await createTrainer(engine, {
      ...options,
      weights: start(2),
      start: { steps, state },
    });
    expect(on.steps).toBe(3);
    for (let step = 0; step < 3; step++) {
      const expected = await whole.step(batches(accumulate), 0.01);
      expect(await on.step(batches(accumulate), 0.01)).toEqual(expected);
    }
    expect(on.compiled.state).toEqual(whole.compiled.state);
    expect(on.weights).toEqual(whole.weights);
    for (const trainer of [whole, on]) await trainer.compiled.dispose();
  });

  it("is refused where tensors are missing or of another size", async () => {
    const weights = start(1);
    const from = (state: Record<string, Float32Array>) =>
      createTrainer(engine, { ...model, weights, start: { steps: 1, state } });
    await expect(from({})).rejects.toThrow(/of table, not from none/);
    const short = { ...Object.fromEntries(weights), table: new Float32Array(1) };
    await expect(from(short)).rejects.toThrow(/of table, not from 1/);
  });
});
