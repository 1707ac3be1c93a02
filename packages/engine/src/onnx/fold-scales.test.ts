import * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import { createDraw } from "../__fixtures__/programs.js";
import type { Program } from "../program.js";
import { createReferenceEngine } from "../reference-engine.js";
import { reachable } from "../trace/graph.js";
import { traceProgram } from "../trace/trace.js";
import { foldScales } from "./fold-scales.js";
import { createOnnxEngine } from "./onnx-engine.js";

type Sides = Record<"a" | "b", tf.Tensor2D> & { readonly row: tf.Tensor1D };

const programOf = (build: (sides: Sides) => Record<string, tf.Tensor>): Program => ({
  state: {},
  frozen: {
    a: { shape: [3, 4], dtype: "float32" },
    b: { shape: [4, 5], dtype: "float32" },
    row: { shape: [5], dtype: "float32" },
  },
  inputs: {},
  build: ({ frozen }) => ({ outputs: build(frozen as unknown as Sides) }),
});

const withRow = ({ a, b, row }: Sides): tf.Tensor => tf.fused.matMul({ a, b, bias: row });

/** Computations with products and numbers, and the operations that are left. */
const CASES: Readonly<
  Record<string, readonly [(sides: Sides) => Record<string, tf.Tensor>, readonly string[]]>
> = {
  "a product times a number": [({ a, b }) => ({ y: tf.matMul(a, b).mul(3) }), ["Gemm"]],
  "a product twice times a number": [
    ({ a, b }) => ({ y: tf.scalar(0.5).mul(tf.matMul(a, b).mul(3)) }),
    ["Gemm"],
  ],
  "operands times numbers": [({ a, b }) => ({ y: tf.matMul(a.mul(2), b.mul(-3)) }), ["Gemm"]],
  "everything times numbers": [
    ({ a, b }) => ({ y: tf.matMul(a.mul(2), b.mul(5)).mul(-3) }),
    ["Gemm"],
  ],
  "one operand of two products": [
    ({ a, b }) => {
      const doubled = a.mul(2);
      return { y: tf.matMul(doubled, b), z: tf.matMul(doubled, b.square()) };
    },
    ["Gemm", "Mul", "Gemm"],
  ],
  "a product and a row": [(sides) => ({ y: withRow(sides).mul(3) }), ["Gemm", "Mul", "Add"]],
  "a product that is read elsewhere": [
    ({ a, b }) => {
      const product = tf.matMul(a, b);
      return { y: product.mul(3), z: product.exp() };
    },
    ["Gemm", "Mul", "Exp"],
  ],
  "a product that is handed back": [
    ({ a, b }) => {
      const product = tf.matMul(a, b);
      return { y: product.mul(3), z: product };
    },
    ["Gemm", "Mul"],
  ],
  "a product and a row, the product read elsewhere": [
    ({ a, b, row }) => {
      const product = tf.matMul(a, b);
      return { y: product.add(row).mul(3), z: product.exp() };
    },
    ["Gemm", "Add", "Mul", "Exp"],
  ],
  "an operand that is read elsewhere": [
    ({ a, b }) => {
      const doubled = a.mul(2);
      return { y: tf.matMul(doubled, b), z: doubled.exp() };
    },
    ["Mul", "Gemm", "Exp"],
  ],
  "an operand times another of its shape": [
    ({ a, b }) => ({ y: tf.matMul(a.mul(a.exp()), b) }),
    ["Exp", "Mul", "Gemm"],
  ],
};

describe("foldScales", () => {
  it.each(Object.entries(CASES))("%s", async (_, [build, operations]) => {
    const program = programOf(build);
    const folded = foldScales(await traceProgram(program));
    const left = reachable(Object.values(folded.outputs)).map(({ operation }) => operation);
    expect(left).toEqual(operations);

    const draw = createDraw(3);
    const frozen = Object.fromEntries(
      Object.entries(program.frozen).map(([name, { shape }]) => [
        name,
        draw.floats(shape).data as Float32Array,
      ]),
    );
    const run = async (engine: ReturnType<typeof createOnnxEngine>): Promise<unknown> => {
      const compiled = await engine.compile(program, { state: {}, frozen });
      const outputs = await compiled.run({});
      await compiled.dispose();
      return outputs;
    };
    const [ours, reference] = [
      await run(createOnnxEngine()),
      await run(createReferenceEngine()),
    ] as [Record<string, Float32Array>, Record<string, Float32Array>];
    for (const [name, expected] of Object.entries(reference)) {
      // float32 with another order of factors
      expect(ours[name]).toBeAllClose(expected, { relative: 1e-5, absolute: 1e-6 });
    }
  });
});
