import * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import { createDraw, sizeOf } from "../__fixtures__/programs.js";
import type { Engine, Program, ProgramInfo, Tensors } from "../program.js";
import { createReferenceEngine } from "../reference-engine.js";
import { createOnnxEngine } from "./onnx-engine.js";

type Build = (
  states: Record<"a" | "b", tf.Tensor2D>,
  x: tf.Tensor2D,
) => { state?: Tensors; outputs?: Tensors };

const SHAPE = [3, 3] as const;

/** Three steps of a program with the states a and b and the input x, all of the same shape. */
async function runSteps(
  engine: Engine,
  build: Build,
): Promise<{ info: ProgramInfo; seen: number[] }> {
  const spec = { shape: SHAPE, dtype: "float32" } as const;
  const program: Program = {
    state: { a: spec, b: spec },
    frozen: {},
    inputs: { x: spec },
    build: ({ state, inputs }) => {
      const built = build(state as Record<"a" | "b", tf.Tensor2D>, inputs["x"] as tf.Tensor2D);
      return { state: {}, outputs: {}, ...built };
    },
  };
  const draw = createDraw(1);
  const number = (): Float32Array => draw.floats(SHAPE).data as Float32Array;
  const state = { a: number(), b: number() };
  const compiled = await engine.compile(program, { state, frozen: {} });
  const seen: number[] = [];
  for (let step = 0; step < 3; step++) {
    const outputs = await compiled.run({ x: number() });
    for (const numbers of [...Object.values(outputs), state.a, state.b]) seen.push(...numbers);
  }
  await compiled.dispose();
  return { info: compiled.info, seen };
}

/** Steps, and how many state tensors each may write in place and must copy. */
const cases: readonly (readonly [string, number, number, Build])[] = [
  ["an update from the old value", 1, 0, ({ a }, x) => ({ state: { a: a.sub(x.mul(0.1)) } })],
  [
    "an old value read on the way to its update",
    1,
    0,
    ({ a }, x) => ({ state: { a: a.sub(tf.matMul(a, x).tanh()) } }),
  ],
  [
    "an old value read for something else",
    0,
    1,
    ({ a }, x) => ({ state: { a: a.add(x) }, outputs: { y: tf.matMul(a, x), z: a.exp() } }),
  ],
  [
    "an old value read on the way to its update, and for an output from there",
    1,
    0,
    ({ a }, x) => {
      const y = tf.matMul(a, x);
      return { state: { a: a.add(y.sum()) }, outputs: { y, z: y.exp() } };
    },
  ],
  [
    "an old value read through a view",
    0,
    1,
    ({ a }, x) => ({ state: { a: a.add(x) }, outputs: { y: a.reshape([9]).mul(x.reshape([9])) } }),
  ],
  [
    "a view read on the way to the update",
    1,
    0,
    ({ a }, x) => ({
      state: {
        a: a.add(
          a
            .reshape([9])
            .mul(x.reshape([9]))
            .sum(),
        ),
      },
    }),
  ],
  [
    "a view read on the way to the update and again later",
    0,
    1,
    ({ a }, x) => {
      const view = a.reshape([9]);
      return { state: { a: a.add(view.sum()) }, outputs: { y: view.mul(x.sum()).exp() } };
    },
  ],
  [
    "a transposed old value that a product reads later",
    0,
    1,
    ({ a }, x) => {
      const turned = a.transpose();
      return { state: { a: a.sub(turned.sum()) }, outputs: { y: tf.matMul(turned.exp(), x) } };
    },
  ],
  [
    "a view handed back",
    0,
    1,
    ({ a }, x) => ({ state: { a: a.add(x) }, outputs: { y: a.reshape([9]) } }),
  ],
  [
    "the old value handed back",
    0,
    1,
    ({ a }, x) => ({ state: { a: a.add(x) }, outputs: { old: a } }),
  ],
  [
    "the new value handed back",
    1,
    0,
    ({ a }, x) => {
      const updated = a.add(x);
      return { state: { a: updated }, outputs: { updated, twice: updated.mul(2) } };
    },
  ],
  ["a state returned unchanged", 0, 1, ({ a }) => ({ state: { a } })],
  ["states swapped", 0, 2, ({ a, b }) => ({ state: { a: b, b: a } })],
  ["one state moved on to the next", 0, 2, ({ b }, x) => ({ state: { a: b, b: b.add(x) } })],
  ["states that read each other", 0, 2, ({ a, b }) => ({ state: { a: a.add(b), b: b.sub(a) } })],
  [
    "a state that reads the other's new value",
    2,
    0,
    ({ a, b }, x) => {
      const updated = a.mul(0.9).add(x);
      return { state: { a: updated, b: b.sub(updated.mul(0.1)) } };
    },
  ],
  [
    "a state that reads the other's old value first",
    2,
    0,
    ({ a, b }, x) => {
      const updated = b.add(a);
      return { state: { b: updated, a: a.mul(updated.sum()).add(0).sub(x) } };
    },
  ],
  [
    "one new value for both",
    2,
    0,
    ({ a }, x) => {
      const updated = a.add(x);
      return { state: { a: updated, b: updated } };
    },
  ],
  [
    "a new value that is no element-wise result",
    0,
    1,
    ({ a }, x) => ({ state: { a: tf.matMul(a, x) } }),
  ],
  [
    "a new value chosen element by element",
    1,
    0,
    ({ a }, x) => ({ state: { a: tf.where(x.greater(0), a, x) } }),
  ],
  [
    "an old value read in part, and for an output",
    0,
    1,
    ({ a }, x) => ({
      state: { a: a.slice([0, 0], [1, 3]).add(x) },
      outputs: { y: a.max() },
    }),
  ],
  ["a constant", 0, 2, ({ a }) => ({ state: { a: tf.zerosLike(a), b: tf.onesLike(a) } })],
  ["a state nobody returns", 0, 0, ({ a, b }, x) => ({ outputs: { y: a.add(b).mul(x) } })],
];

describe("state written in place", () => {
  it.each(cases)("%s", async (_name, inPlace, copied, build) => {
    const onnx = await runSteps(createOnnxEngine({ threads: 1 }), build);
    const reference = await runSteps(createReferenceEngine(), build);
    // float32 rounding in another order, over three steps
    expect(onnx.seen).toBeAllClose(reference.seen, { absolute: 1e-5, relative: 1e-5 });
    expect({ inPlace: onnx.info.inPlace, copied: onnx.info.copied }).toEqual({ inPlace, copied });
  });

  it("works on states that share one buffer, as slices of a file do", async () => {
    const buffer = Float32Array.from({ length: 12 }, (_, index) => index);
    const spec = { shape: [2, 2], dtype: "float32" } as const;
    const program: Program = {
      state: { a: spec, b: spec },
      frozen: { c: spec },
      inputs: {},
      build: ({ state, frozen }) => ({
        state: {
          a: state["a"]!.add(frozen["c"]!),
          b: tf.matMul(state["b"] as tf.Tensor2D, frozen["c"] as tf.Tensor2D),
        },
        outputs: {},
      }),
    };
    const size = sizeOf(spec.shape);
    const compiled = await createOnnxEngine().compile(program, {
      state: { a: buffer.subarray(0, size), b: buffer.subarray(size, 2 * size) },
      frozen: { c: buffer.subarray(2 * size) },
    });
    expect(compiled.info).toMatchObject({ inPlace: 1, copied: 1 });
    await compiled.run({});
    await compiled.dispose();
    expect([...buffer]).toEqual([8, 10, 12, 14, 82, 91, 118, 131, 8, 9, 10, 11]);
  });
});
