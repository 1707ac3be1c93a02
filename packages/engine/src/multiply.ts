import { availableParallelism } from "node:os";
import type { Matrix } from "@ligo/core";
import * as ort from "./onnx/onnxruntime.js";
import type { ValueMessage } from "./onnx/messages.js";
import { encodeSmallModel } from "./onnx/small-model.js";
import { runInto } from "./onnx/unconverted.js";

/** A one-node ONNX model: C = A B or A B^T for matrices of any size. */
function productModel(transposeB: boolean): Uint8Array {
  const matrix = (name: string): ValueMessage => ({
    name,
    type: "float32",
    shape: [`${name}_rows`, `${name}_columns`],
  });
  return encodeSmallModel({
    name: "product",
    nodes: [
      {
        operation: "Gemm",
        inputs: ["a", "b"],
        outputs: ["c"],
        attributes: { transB: Number(transposeB) },
      },
    ],
    inputs: ["a", "b"].map(matrix),
    outputs: [matrix("c")],
    mode: "written",
  });
}

/** Multiplies matrices: A B, or A B^T. */
export type MatrixMultiply = (
  a: Matrix,
  b: Matrix,
  options: {
    readonly transposeB?: boolean;
    /** Where the product is put. Default a new array. */
    readonly into?: Float32Array;
  },
) => Promise<Matrix>;

/** A matrix product by onnxruntime's native kernels, for applying operators without learning. */
export async function createMultiply(): Promise<MatrixMultiply> {
  const create = (transposeB: boolean): Promise<ort.InferenceSession> =>
    ort.InferenceSession.create(productModel(transposeB), {
      executionProviders: ["cpu"],
      logSeverityLevel: 3,
      enableCpuMemArena: false,
      intraOpNumThreads: availableParallelism(),
      interOpNumThreads: 1,
      // Between products the cores read and write files.
      extra: { session: { intra_op: { allow_spinning: "0" } } },
    });
  const [plain, transposed] = await Promise.all([create(false), create(true)]);
  return async (a, b, { transposeB = false, into }) => {
    const columns = transposeB ? b.rows : b.columns;
    const data = into ?? new Float32Array(a.rows * columns);
    await runInto(
      transposeB ? transposed : plain,
      {
        a: new ort.Tensor("float32", a.data, [a.rows, a.columns]),
        b: new ort.Tensor("float32", b.data, [b.rows, b.columns]),
      },
      { c: new ort.Tensor("float32", data, [a.rows, columns]) },
    );
    return { rows: a.rows, columns, data };
  };
}
