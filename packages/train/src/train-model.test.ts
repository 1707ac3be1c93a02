import { createOnnxEngine, createReferenceEngine, type Numbers } from "@ligo/engine";
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
  type TrainerOptions,
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
    expect(specs["layer.1.up"]).toEqual({
      shape: [8, 6],
      dtype: "float32",
      decay: true,
      matrix: { axis: 0, sizes: [8] },
    });
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
    expect((await trainer.weights()).get("table")).toBe(weights.get("table"));
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
    expect(together.accuracy).toBeCloseTo(
      mean(singles.map(({ accuracy = Number.NaN }) => accuracy)),
      10,
    );
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
    const [steps, state] = [whole.steps, copyOf(await whole.compiled.read())];
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
    expect(await on.compiled.read()).toEqual(await whole.compiled.read());
    expect(await on.weights()).toEqual(await whole.weights());
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

/** Losses of some steps, and the weights after them. */
async function trained(
  options: Partial<TrainerOptions>,
  steps: readonly number[] = [0, 1, 2],
): Promise<{ losses: number[]; weights: Record<string, Float32Array> }> {
  const trainer = await createTrainer(engine, { ...model, weights: start(11), ...options });
  const losses: number[] = [];
  for (const _ of steps) {
    const batches = Array.from({ length: options.accumulate ?? 1 }, () => toyInputs);
    losses.push((await trainer.step(batches, 0.02)).loss);
  }
  const weights = Object.fromEntries(await trainer.weights());
  await trainer.compiled.dispose();
  return { losses, weights };
}

describe("dropout", () => {
  const dropout = { seed: 4 };

  it("repeats itself bit by bit, is another with another seed, and nothing at rate 0", async () => {
    const first = await trained({ dropout });
    expect(await trained({ dropout })).toEqual(first);
    const plain = await trained({});
    expect(plain.losses[0]).not.toBe(first.losses[0]);
    expect((await trained({ dropout: { seed: 5 } })).losses[0]).not.toBe(first.losses[0]);
    expect((await trained({ dropout: { seed: 4, rate: 0.1 } })).losses[0]).not.toBe(
      first.losses[0],
    );
    expect(await trained({ dropout: { seed: 4, rate: 0 } })).toEqual(plain);
  });

  it.each([1, 2])(
    "goes on as if it had never stopped: %d batches an update",
    async (accumulate) => {
      const whole = await trained({ dropout, accumulate }, [0, 1, 2, 3]);
      const trainer = await createTrainer(engine, {
        ...model,
        weights: start(11),
        dropout,
        accumulate,
      });
      const batches = Array.from({ length: accumulate }, () => toyInputs);
      for (let step = 0; step < 2; step++) await trainer.step(batches, 0.02);
      const { steps } = trainer;
      const state = await trainer.compiled.read();
      const rest = await trained({ dropout, accumulate, start: { steps, state } }, [2, 3]);
      expect(rest.losses).toEqual(whole.losses.slice(2));
      expect(rest.weights).toEqual(whole.weights);
    },
  );

  it("draws other masks for every batch of an update, and for every step", async () => {
    // the same weights each time: a step's loss differs by its masks alone
    const losses = async (accumulate: number): Promise<number[]> => {
      const trainer = await createTrainer(engine, {
        ...model,
        weights: start(11),
        dropout,
        accumulate,
      });
      const batches = Array.from({ length: accumulate }, () => toyInputs);
      const found: number[] = [];
      for (let step = 0; step < 4 / accumulate; step++)
        found.push((await trainer.step(batches, 0)).loss);
      await trainer.compiled.dispose();
      return found;
    };
    const single = await losses(1);
    expect(new Set(single).size).toBe(4);
    const [a, b, c, d] = single as [number, number, number, number];
    const pairs = await losses(2);
    // the mean is taken in float64 of float32 losses either way
    expect(pairs[0]).toBeCloseTo((a + b) / 2, 6);
    expect(pairs[1]).toBeCloseTo((c + d) / 2, 6);
  });

  it("is the same on the reference engine", async () => {
    const losses: number[] = [];
    const reference = await createTrainer(createReferenceEngine(), {
      ...model,
      weights: start(11),
      dropout,
    });
    for (let step = 0; step < 3; step++) losses.push((await reference.step(toyInputs, 0.02)).loss);
    // float32 sums in another order
    expect((await trained({ dropout })).losses).toBeAllClose(losses, { relative: 1e-4 });
  });
});

describe("frozen and undecayed parameters", () => {
  it("leaves frozen ones as they are, without moments, and trains the others as before", async () => {
    const before = Object.fromEntries(start(11));
    const freeze = ["table", "layer.0.*"];
    const weights = start(11);
    const trainer = await createTrainer(engine, { ...model, weights, freeze });
    const { gradientNorm } = await trainer.step(toyInputs, 0.02);
    const frozen = ["table", "layer.0.up", "layer.0.bias", "layer.0.down"];
    const after = await trainer.weights();
    for (const [name, data] of after) {
      if (frozen.includes(name)) expect(data).toEqual(before[name]);
      else if (name !== "unused") expect(data).not.toEqual(before[name]);
    }
    const state = await trainer.compiled.read();
    const moments = Object.keys(state).filter((name) => name.includes("moment/"));
    expect(moments).toHaveLength(2 * (after.size - frozen.length));
    expect(after.get("table")).toBe(weights.get("table"));
    await trainer.compiled.dispose();
    // a frozen tensor has no part in the norm that is clipped
    const all = await createTrainer(engine, { ...model, weights: start(11) });
    expect(gradientNorm).toBeLessThan((await all.step(toyInputs, 0.02)).gradientNorm);
    await all.compiled.dispose();
  });

  it("takes several batches an update", async () => {
    const before = Object.fromEntries(start(11));
    const once = await trained({ freeze: ["table"] }, [0]);
    const twice = await trained({ freeze: ["table"], accumulate: 2 }, [0]);
    expect(twice.weights["table"]).toEqual(before["table"]);
    for (const [name, data] of Object.entries(once.weights))
      // the mean of equal gradients, rounded
      expect(twice.weights[name], name).toBeAllClose(data, { absolute: 1e-6 });
  });

  it("refuses a pattern that matches nothing, and to freeze everything", async () => {
    const weights = start(11);
    await expect(
      createTrainer(engine, { ...model, weights, freeze: ["tabel"] }),
    ).rejects.toMatchObject({ code: "training/unknown-pattern", expected: "table" });
    await expect(createTrainer(engine, { ...model, weights, freeze: ["*"] })).rejects.toMatchObject(
      { code: "training/all-frozen" },
    );
  });

  it("does not decay what is said not to", async () => {
    const { weights } = await trained({ undecayed: ["unused"] });
    expect(weights["unused"]).toEqual(start(11).get("unused"));
  });
});
