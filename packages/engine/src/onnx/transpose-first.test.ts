import * as tf from "@ligo/tfjs";
import { describe, expect, it } from "vitest";
import { createDraw } from "../__fixtures__/programs.js";
import type { Program } from "../program.js";
import { createReferenceEngine } from "../reference-engine.js";
import { reachable, type Node } from "../trace/graph.js";
import { traceProgram } from "../trace/trace.js";
import { createOnnxEngine } from "./onnx-engine.js";
import { transposeFirst } from "./transpose-first.js";

const INNER = 2048;

/** 0.5 A^T B for every A, with one B. */
const programOf = (sizes: readonly number[], n: number): Program => ({
  state: {},
  frozen: Object.fromEntries([
    ...sizes.map((m, index) => [`a${index}`, { shape: [INNER, m], dtype: "float32" }] as const),
    ["b", { shape: [INNER, n], dtype: "float32" }],
  ]),
  inputs: {},
  build: ({ frozen }) => ({
    outputs: Object.fromEntries(
      sizes.map((_, index) => [
        `y${index}`,
        tf
          .matMul(frozen[`a${index}`] as tf.Tensor2D, frozen["b"] as tf.Tensor2D, true, false)
          .mul(0.5),
      ]),
    ),
  }),
});

/** Columns of the left sides and of the right one, and how the products are formed, one operation after the other. */
const CASES = [
  { sizes: [24], n: 40, formed: ["Gemm"] },
  { sizes: [64], n: 1280, formed: ["Transpose", "FusedMatMul"] },
  { sizes: [640], n: 130, formed: ["Transpose", "FusedMatMul", "Transpose"] },
  { sizes: [384], n: 130, formed: ["Gemm"] },
  {
    sizes: [384, 384, 384],
    n: 130,
    formed: ["Transpose", ...Array.from({ length: 3 }, () => ["FusedMatMul", "Transpose"]).flat()],
  },
];

describe("products with a transposed left side", () => {
  it.each(CASES)("$sizes columns times $n", async ({ sizes, n, formed }) => {
    const program = programOf(sizes, n);
    const { outputs } = transposeFirst(await traceProgram(program));
    const nodes: Node[] = reachable(Object.values(outputs));
    expect(nodes.map(({ operation }) => operation).filter((name) => name !== "Mul")).toEqual(
      formed,
    );

    const draw = createDraw(5);
    const frozen = Object.fromEntries(
      Object.entries(program.frozen).map(([name, { shape }]) => [
        name,
        draw.floats(shape).data as Float32Array,
      ]),
    );
    const expected = await createReferenceEngine().compile(program, { state: {}, frozen });
    const compiled = await createOnnxEngine().compile(program, { state: {}, frozen });
    expect(compiled.info.matrixFlops).toBe(
      sizes.reduce((flops, m) => flops + 2 * INNER * m * n, 0),
    );
    const results = await compiled.run({});
    for (const [name, values] of Object.entries(await expected.run({}))) {
      // float32 sums of 2048 numbers in another order
      expect(results[name] as Float32Array).toBeAllClose(values, {
        absolute: 1e-4,
      });
    }
    await compiled.dispose();
    await expected.dispose();
  });
});
