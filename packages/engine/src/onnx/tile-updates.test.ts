import * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import type { Engine, Program, TensorSpec } from "../program.js";
import { createReferenceEngine } from "../reference-engine.js";
import { createOnnxEngine } from "./onnx-engine.js";

const spec = (...shape: number[]): TensorSpec => ({ shape, dtype: "float32" });
const wave = (count: number, phase: number): Float32Array =>
  Float32Array.from({ length: count }, (_, index) => Math.sin(index * 0.7 + phase));

/** Momentum with clipping by global norm: the gradient depends on the whole parameter, every update on every gradient. */
const momentum: Program = {
  state: { w: spec(7, 3), m: spec(7, 3), b: spec(3) },
  frozen: { y: spec(4, 3) },
  inputs: { x: spec(4, 7) },
  build({ state: { w, m, b }, frozen: { y }, inputs: { x } }) {
    const loss = (weight: tf.Tensor, bias: tf.Tensor): tf.Scalar =>
      tf
        .matMul(x as tf.Tensor2D, weight as tf.Tensor2D)
        .add(bias)
        .sub(y as tf.Tensor)
        .square()
        .mean();
    const { value, grads } = tf.valueAndGrads(loss)([w as tf.Tensor, b as tf.Tensor]);
    const [dw, db] = grads as [tf.Tensor, tf.Tensor];
    const norm = dw.square().sum().add(db.square().sum()).sqrt();
    const scale = tf.minimum(tf.scalar(0.5).div(norm), 1);
    const next = (m as tf.Tensor).mul(0.9).add(dw.mul(scale));
    const decayed = (w as tf.Tensor).mul(0.99);
    return {
      state: { m: next, w: decayed.sub(next.mul(0.1)), b: (b as tf.Tensor).sub(db.mul(scale)) },
      outputs: { loss: value },
    };
  },
};

/** The old value of `a` is needed, whole, after an update that could be tiled. */
const readLate: Program = {
  state: { a: spec(12), c: spec(12) },
  frozen: {},
  inputs: {},
  build: ({ state: { a, c } }) => {
    const next = (a as tf.Tensor).mul(2).add(1);
    return {
      state: {
        a: next,
        c: (c as tf.Tensor).mul(0.5).add((a as tf.Tensor).reshape([3, 4]).transpose().flatten()),
      },
      outputs: { shifted: (a as tf.Tensor).sub(next.sum()) },
    };
  },
};

async function run(engine: Engine, program: Program, inputs: Record<string, Float32Array>) {
  const values = (specs: Program["state"], phase: number): Record<string, Float32Array> =>
    Object.fromEntries(
      Object.entries(specs).map(([name, { shape }], index) => [
        name,
        wave(
          shape.reduce((a, b) => a * b, 1),
          phase + index,
        ),
      ]),
    );
  const state = values(program.state, 0);
  const compiled = await engine.compile(program, { state, frozen: values(program.frozen, 5) });
  const outputs = [];
  for (let step = 0; step < 4; step++) outputs.push(await compiled.run(inputs));
  await compiled.dispose();
  return { state, outputs, info: compiled.info };
}

describe("tiled updates", () => {
  const inputs = { x: wave(28, 2) };

  // 21 elements of w and m: tiles that divide them, that do not, of one element, and one tile more than needed
  it.each([1, 4, 7, 20])("give the bits of whole updates, in tiles of %i", async (tileSize) => {
    const whole = await run(createOnnxEngine({ tileSize: 1000 }), momentum, inputs);
    const tiled = await run(createOnnxEngine({ tileSize }), momentum, inputs);
    expect(tiled.state).toEqual(whole.state);
    expect(tiled.outputs).toEqual(whole.outputs);
    expect(tiled.info.inPlace).toBe(3);
    expect(tiled.info.operations).toBeGreaterThan(whole.info.operations);
    expect(tiled.info.matrixFlops).toBe(whole.info.matrixFlops);
  });

  it("agree with the reference engine", async () => {
    const reference = await run(createReferenceEngine(), momentum, inputs);
    const tiled = await run(createOnnxEngine({ tileSize: 4 }), momentum, inputs);
    // float32 sums in another order
    for (const name of ["w", "m", "b"]) {
      expect(tiled.state[name]).toBeAllClose(reference.state[name], {
        absolute: 1e-6,
      });
    }
  });

  it("leave states alone whose old values are read after the update", async () => {
    const reference = await run(createReferenceEngine(), readLate, {});
    const tiled = await run(createOnnxEngine({ tileSize: 5 }), readLate, {});
    for (const name of ["a", "c"]) {
      expect(tiled.state[name]).toBeAllClose(reference.state[name], {
        relative: 1e-6,
        absolute: 1e-6,
      });
    }
  });
});
