import { createOnnxEngine, createReferenceEngine, type Engine, type Numbers } from "@ligo/engine";
import * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import { readRecorded, type RecordedSteps, type Values } from "./__fixtures__/recorded-steps.js";
import { ADAMW_DEFAULTS, trainingProgram, trainingState, type LearnableSpec } from "./index.js";

/** Recorded with torch.optim.AdamW, or timm's Lamb, and clip_grad_norm_. */
interface Recorded extends RecordedSteps {
  readonly decayed: readonly string[];
}

const read = (name: string): Recorded => readRecorded(name) as Recorded;
const recorded = read("adamw");
const recordings = { adamw: recorded, lamb: read("lamb") } as const;
// with the smallest tiles, every tensor but the bias is updated in parts
const engines: readonly (readonly [string, Engine])[] = [
  ["onnx", createOnnxEngine()],
  ["onnx, in tiles", createOnnxEngine({ tileSize: 4 })],
  ["reference", createReferenceEngine()],
];
const cases = (["adamw", "lamb"] as const).flatMap((optimizer) =>
  engines.flatMap(([engineName, engine]) =>
    Object.keys(recordings[optimizer].cases).map(
      (name) => [optimizer, engineName, name, engine] as const,
    ),
  ),
);

const floats = (values: Values): Record<string, Float32Array> =>
  Object.fromEntries(Object.entries(values).map(([name, data]) => [name, Float32Array.from(data)]));

const largest = (values: readonly (readonly number[])[]): number =>
  Math.max(...values.flat().map(Math.abs));

const names = Object.keys(recorded.shapes);
const learnable: Record<string, LearnableSpec> = Object.fromEntries(
  Object.entries(recorded.shapes).map(([name, shape]) => [
    name,
    { shape, dtype: "float32", decay: recorded.decayed.includes(name) },
  ]),
);
const gradientSpecs = Object.fromEntries(
  Object.entries(recorded.shapes).map(([name, shape]) => [
    `gradient/${name}`,
    { shape, dtype: "float32" as const },
  ]),
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

describe("an update", () => {
  it.each(cases)(
    "by %s does on the engine %s what PyTorch does: %s",
    async (optimizer, _, name, engine) => {
      const { weightDecay, start, steps } = recordings[optimizer].cases[
        name
      ] as Recorded["cases"][string];
      const compiled = await engine.compile(
        trainingProgram({
          learnable,
          frozen: {},
          batch: gradientSpecs,
          loss: (values, _frozen, batch) => linearLoss(values, batch),
          optimizer: { name: optimizer, weightDecay },
        }),
        { state: trainingState(floats(start)), frozen: {} },
      );
      let before = start;
      for (const [index, step] of steps.entries()) {
        const gradients = Object.entries(floats(step.gradients));
        const outputs = await compiled.run({
          ...Object.fromEntries(gradients.map(([key, data]) => [`gradient/${key}`, data])),
          learning_rate: Float32Array.of(step.rate),
          step: Float32Array.of(index + 1),
          seed: Int32Array.of(0),
        });
        const loss = gradients.flatMap(([key, data]) =>
          [...data].map((value, i) => value * (before[key]?.[i] as number)),
        );
        // the loss of the values before the update, summed in another order
        expect(outputs["loss"]).toBeAllClose([loss.reduce((sum, value) => sum + value)], {
          absolute: 1e-5,
        });
        expect(outputs["gradient_norm"]).toBeAllClose([step.norm], { absolute: 0, relative: 1e-6 });
        const state = await compiled.read();
        for (const key of names) {
          // moments are sums whose terms may cancel: a few roundings of the largest of them
          const first = largest(Object.values(step.firstMoments));
          expect(state[`first_moment/${key}`]).toBeAllClose(step.firstMoments[key], {
            absolute: 3e-7 * first,
          });
          expect(state[`second_moment/${key}`]).toBeAllClose(step.secondMoments[key], {
            absolute: 3e-7 * first ** 2,
            relative: 1e-6,
          });
          // An update is about the learning rate. Here 1 - 0.999^step is taken in float32 (PyTorch: float64), which moves
          // each update by up to 1e-5 of itself; the rest is rounding of the values.
          const moved = steps.slice(0, index + 1).reduce((sum, { rate }) => sum + rate, 0);
          expect(state[key]).toBeAllClose(step.values[key], {
            absolute: 1e-5 * moved,
            relative: 2e-7 * (index + 1),
          });
        }
        before = step.values;
      }
      await compiled.dispose();
    },
  );

  it("clips only gradients above the limit", async () => {
    const moments = async (clipNorm: number): Promise<Numbers> => {
      const compiled = await createReferenceEngine().compile(
        trainingProgram({
          learnable: { x: { shape: [2], dtype: "float32", decay: false } },
          frozen: {},
          batch: {},
          loss: ({ x }) => (x as tf.Tensor).mul(tf.tensor([3, 4])).sum<tf.Scalar>(),
          optimizer: { clipNorm, beta1: 0.5 },
        }),
        { state: trainingState({ x: new Float32Array(2) }), frozen: {} },
      );
      const outputs = await compiled.run({
        learning_rate: Float32Array.of(0),
        step: Float32Array.of(1),
        seed: Int32Array.of(0),
      });
      expect(outputs["gradient_norm"]).toBeAllClose([5]);
      return (await compiled.read())["first_moment/x"] as Numbers;
    };
    expect(await moments(5.1)).toBeAllClose([1.5, 2]);
    expect(await moments(Number.POSITIVE_INFINITY)).toBeAllClose([1.5, 2]);
    expect(await moments(0.5)).toBeAllClose([0.15, 0.2]);
  });

  it("has the paper's settings as defaults", () => {
    expect(ADAMW_DEFAULTS).toEqual({
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-6,
      weightDecay: 0.1,
      clipNorm: 1,
    });
  });
});
