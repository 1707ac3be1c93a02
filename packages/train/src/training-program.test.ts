import {
  createOnnxEngine,
  createReferenceEngine,
  type Engine,
  type TensorSpec,
} from "@ligo/engine";
import type * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import {
  gradientProgram,
  trainingProgram,
  trainingState,
  type TrainingProgramOptions,
} from "./index.js";

const vector: TensorSpec = { shape: [3], dtype: "float32" };

/** (x - target)^2 summed; `unused` takes no part. */
const quadratic: TrainingProgramOptions = {
  learnable: { x: { ...vector, decay: false }, unused: { ...vector, decay: true } },
  frozen: { target: vector },
  batch: { weight: { shape: [], dtype: "float32" } },
  loss: ({ x }, { target }, { weight }) =>
    (x as tf.Tensor)
      .sub(target as tf.Tensor)
      .square()
      .sum()
      .mul(weight as tf.Scalar),
};
const engines: readonly Engine[] = [createOnnxEngine(), createReferenceEngine()];

describe.each(engines.map((engine) => [engine.name, engine] as const))(
  "on the %s engine",
  (_name, engine) => {
    it("gradientProgram gives loss and gradients, zero where a tensor is unused", async () => {
      const compiled = await engine.compile(gradientProgram(quadratic), {
        state: {},
        frozen: {
          target: Float32Array.of(1, 1, 1),
          "learnable/x": Float32Array.of(1, 3, 0),
          "learnable/unused": Float32Array.of(5, 6, 7),
        },
      });
      const outputs = await compiled.run({ weight: Float32Array.of(2) });
      expect(outputs["loss"]).toEqual(Float32Array.of(10));
      expect(outputs["gradient/x"]).toEqual(Float32Array.of(0, 8, -4));
      expect(outputs["gradient/unused"]).toEqual(new Float32Array(3));
      await compiled.dispose();
    });

    it("trainingProgram falls towards the minimum and only decays what is unused", async () => {
      const compiled = await engine.compile(
        trainingProgram({ ...quadratic, optimizer: { weightDecay: 0.5 } }),
        {
          state: trainingState({ x: new Float32Array(3), unused: Float32Array.of(4, -4, 0) }),
          frozen: { target: Float32Array.of(1, -1, 0.5) },
        },
      );
      const losses: number[] = [];
      for (let step = 1; step <= 60; step++) {
        const { loss } = await compiled.run({
          weight: Float32Array.of(1),
          learning_rate: Float32Array.of(0.1),
          step: Float32Array.of(step),
          seed: Int32Array.of(0),
        });
        losses.push(loss?.[0] as number);
      }
      expect(losses[0]).toBe(2.25);
      expect(losses.at(-1)).toBeLessThan(0.01);
      const left = 4 * 0.95 ** 60;
      // sixty float32 products
      const { unused } = await compiled.read(["unused"]);
      expect(unused).toBeAllClose([left, -left, 0], { relative: 1e-5 });
      await compiled.dispose();
    });
  },
);

describe("trainingState", () => {
  it("holds the given arrays themselves and zero moments of their size", () => {
    const values = { a: Float32Array.of(1, 2), "b.weight": Float32Array.of(3) };
    const state = trainingState(values);
    expect(state).toEqual({
      ...values,
      "first_moment/a": new Float32Array(2),
      "first_moment/b.weight": new Float32Array(1),
      "second_moment/a": new Float32Array(2),
      "second_moment/b.weight": new Float32Array(1),
    });
    expect(state["a"]).toBe(values.a);
  });

  it("has the tensors the program declares", () => {
    const { state } = trainingProgram(quadratic);
    const values = { x: new Float32Array(3), unused: new Float32Array(3) };
    expect(Object.keys(state).sort()).toEqual(Object.keys(trainingState(values)).sort());
    expect(new Set(Object.values(state).map(({ shape }) => shape.join()))).toEqual(new Set(["3"]));
  });
});
