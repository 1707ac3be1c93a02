import * as tf from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { createDraw } from "../../__fixtures__/programs.js";
import { createOnnxEngine } from "../../onnx/onnx-engine.js";
import type { Program } from "../../program.js";
import { reachable, type Node } from "../graph.js";
import { traceProgram } from "../trace.js";

const INNER = 512;

const programOf = (m: number, n: number): Program => ({
  state: {},
  frozen: {
    a: { shape: [INNER, m], dtype: "float32" },
    b: { shape: [INNER, n], dtype: "float32" },
  },
  inputs: {},
  build: ({ frozen: { a, b } }) => ({
    outputs: { y: tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, true, false) },
  }),
});

/** Sizes of A^T B, and how it is formed. */
const CASES = [
  { m: 24, n: 40, formed: ["Gemm"] },
  { m: 64, n: 2560, formed: ["Transpose", "FusedMatMul"] },
  { m: 2560, n: 64, formed: ["Transpose", "FusedMatMul", "Transpose"] },
] as const;

describe("a product with a transposed left side", () => {
  it.each(CASES)("[$m, 512] by [512, $n]", async ({ m, n, formed }) => {
    const program = programOf(m, n);
    const { outputs } = await traceProgram(program);
    const nodes: Node[] = reachable(Object.values(outputs));
    expect(nodes.map(({ operation }) => operation)).toEqual(formed);

    const draw = createDraw(5);
    const a = draw.floats([INNER, m]).data as Float32Array;
    const b = draw.floats([INNER, n]).data as Float32Array;
    const compiled = await createOnnxEngine().compile(program, { state: {}, frozen: { a, b } });
    const { y } = (await compiled.run({})) as { y: Float32Array };
    expect(compiled.info.matrixFlops).toBe(2 * INNER * m * n);
    await compiled.dispose();
    for (const [row, column] of [
      [0, 0],
      [3, 17],
      [m - 1, 1],
      [1, n - 1],
      [m - 1, n - 1],
    ] as const) {
      let sum = 0;
      for (let k = 0; k < INNER; k++)
        sum += (a[k * m + row] as number) * (b[k * n + column] as number);
      // float32 sums of 512 numbers
      expect(y[row * n + column]).toBeCloseTo(sum, 3);
    }
  });
});
