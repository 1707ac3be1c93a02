import { createOnnxEngine, createReferenceEngine, type Engine } from "@ligo/engine";
import * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import { toyLayout, toyObjective, type ToySizes } from "./__fixtures__/toy-model.js";
import { readRecorded, type RecordedSteps, type Values } from "./__fixtures__/recorded-steps.js";
import {
  createTrainer,
  initialWeights,
  learnableSpecs,
  trainingProgram,
  trainingState,
  type LearnableSpec,
} from "./index.js";
import { newtonSchulz } from "./muon.js";

// recorded with torch.optim.Muon and AdamW, and clip_grad_norm_
const recorded = readRecorded("muon") as RecordedSteps;
const engines: readonly (readonly [string, Engine])[] = [
  ["onnx", createOnnxEngine()],
  ["onnx, in tiles", createOnnxEngine({ tileSize: 4 })],
  ["reference", createReferenceEngine()],
];

const MATRICES: Readonly<Record<string, LearnableSpec["matrix"]>> = {
  wide: { axis: 0, sizes: [3] },
  tall: { axis: 0, sizes: [8] },
  square: { axis: 0, sizes: [4] },
  columns: { axis: 1, sizes: [3, 3, 3] },
  heads: { axis: 0, sizes: [4, 4, 4], blocks: 2 },
};
const learnable: Record<string, LearnableSpec> = Object.fromEntries(
  Object.entries(recorded.shapes).map(([name, shape]) => {
    const matrix = MATRICES[name];
    const spec = { shape, dtype: "float32" as const, decay: name !== "bias" };
    return [name, matrix === undefined ? spec : { ...spec, matrix }];
  }),
);
const names = Object.keys(learnable);
const floats = (values: Values, prefix = ""): Record<string, Float32Array> =>
  Object.fromEntries(
    Object.entries(values).map(([name, data]) => [prefix + name, Float32Array.from(data)]),
  );

/** A loss whose gradients are given: the sum of all products of values and gradients. */
const linearLoss = (
  values: Readonly<Record<string, tf.Tensor>>,
  batch: Readonly<Record<string, tf.Tensor>>,
): tf.Scalar =>
  tf.addN(
    names.map((name) =>
      (values[name] as tf.Tensor).mul(batch[`gradient/${name}`] as tf.Tensor).sum(),
    ),
  );

/**
 * Float32 in another order than PyTorch's: Newton-Schulz multiplies an error in the smallest singular values by up to 3.4445^5,
 * 485, of a rounding of 6e-8, and the rate and the scale shrink that again. Its own bfloat16 has eight bits: fifteen products of it
 * may be off by 2 %, of a step of at most 0.01 * 0.7 * 1.2.
 */
const TOLERANCE: Readonly<Record<string, number>> = { bfloat16: 1.7e-4 };

describe("muon", () => {
  it.each(
    engines.flatMap(([engineName, engine]) =>
      Object.keys(recorded.cases).map((name) => [engineName, name, engine] as const),
    ),
  )("does on the engine %s what PyTorch does: %s", async (_, name, engine) => {
    const { start, steps, weightDecay } = recorded.cases[name] as RecordedSteps["cases"][string];
    const optimizer = { name: "muon", weightDecay } as const;
    const state = trainingState(floats(start), { learnable, optimizer });
    // matrices have a first moment alone
    expect(Object.keys(state).filter((key) => key.startsWith("second_moment/"))).toEqual([
      "second_moment/table",
      "second_moment/bias",
    ]);
    const compiled = await engine.compile(
      trainingProgram({
        learnable,
        frozen: {},
        batch: Object.fromEntries(
          Object.entries(recorded.shapes).map(([key, shape]) => [
            `gradient/${key}`,
            { shape, dtype: "float32" as const },
          ]),
        ),
        loss: (values, _frozen, batch) => linearLoss(values, batch),
        optimizer,
      }),
      { state, frozen: {} },
    );
    const absolute = TOLERANCE[name] ?? 1e-6;
    for (const [index, step] of steps.entries()) {
      const outputs = await compiled.run({
        ...floats(step.gradients, "gradient/"),
        learning_rate: Float32Array.of(step.rate),
        step: Float32Array.of(index + 1),
        seed: Int32Array.of(0),
      });
      expect(outputs["gradient_norm"]).toBeAllClose([step.norm], { relative: 1e-6 });
      const now = await compiled.read();
      for (const key of names) {
        expect(now[key], key).toBeAllClose(step.values[key], { absolute });
        expect(now[`first_moment/${key}`], key).toBeAllClose(step.firstMoments[key], {
          absolute: 1e-7,
        });
      }
      for (const [key, moment] of Object.entries(step.secondMoments))
        expect(now[`second_moment/${key}`]).toBeAllClose(moment, { absolute: 1e-8 });
    }
    await compiled.dispose();
  });
});

describe("newtonSchulz", () => {
  it.each([
    [6, 4],
    [4, 6],
    [5, 5],
  ])("brings the singular values of %d x %d close to 1", (rows, columns) => {
    const x = newtonSchulz(tf.randomNormal([rows, columns], 0, 3, "float32", 7));
    // of a matrix whose singular values are s, XX' has the trace of s^2: the band of the quintic is 0.68 to 1.14
    const least = Math.min(rows, columns);
    const trace = x.square().sum().dataSync()[0] as number;
    expect(trace).toBeGreaterThan(least * 0.68 ** 2);
    expect(trace).toBeLessThan(least * 1.14 ** 2);
  });

  it("leaves nothing where there is nothing", () => {
    const nothing = newtonSchulz(tf.zeros([3, 2]));
    expect([...nothing.dataSync()]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

const sizes: ToySizes = { embed: 6, mlp: 8, layers: 2, tied: true };
const layout = toyLayout(sizes);

describe("a trainer by muon", () => {
  const ids = Int32Array.from([0, 1, 2, 3, 4, 5, 6, 0]);
  const batch = { input_ids: ids, labels: ids };
  const spec = { shape: [2, 4], dtype: "int32" } as const;
  const trainer = (
    engine: Engine,
    more: Partial<Parameters<typeof createTrainer>[1]> = {},
  ): ReturnType<typeof createTrainer> =>
    createTrainer(engine, {
      layout,
      objective: toyObjective(sizes),
      batch: { input_ids: spec, labels: spec },
      weights: initialWeights(layout, { seed: 5, deviation: 0.3 }),
      optimizer: { name: "muon" },
      ...more,
    });

  it.each(engines)("goes on bit for bit on the engine %s, in parts too", async (_, engine) => {
    for (const accumulate of [1, 2]) {
      const batches = Array.from({ length: accumulate }, () => batch);
      const whole = await trainer(engine, { accumulate });
      const losses = [];
      for (let step = 0; step < 6; step++) losses.push((await whole.step(batches, 1e-2)).loss);
      expect(losses[5]).toBeLessThan(losses[0] as number);
      const first = await trainer(engine, { accumulate });
      for (let step = 0; step < 3; step++) await first.step(batches, 1e-2);
      const state = Object.fromEntries(
        Object.entries(await first.compiled.read()).map(([name, data]) => [name, data.slice()]),
      );
      const second = await trainer(engine, { accumulate, start: { steps: first.steps, state } });
      for (let step = 3; step < 6; step++)
        expect((await second.step(batches, 1e-2)).loss).toBe(losses[step]);
      expect(await second.compiled.read()).toEqual(await whole.compiled.read());
    }
  });

  it("moves matrices of layers alone, and refuses where there are none", async () => {
    const matrices = Object.entries(learnableSpecs(layout)).filter(([, { matrix }]) => matrix);
    expect(matrices.length).toBeGreaterThan(0);
    for (const [name, { shape }] of matrices) {
      expect(name).toMatch(/\d/u);
      expect(shape).toHaveLength(2);
    }
    const [, engine] = engines[0] as (typeof engines)[number];
    await expect(trainer(engine, { freeze: matrices.map(([name]) => name) })).rejects.toMatchObject(
      { code: "training/no-matrices" },
    );
  });
});
