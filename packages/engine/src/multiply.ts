import { availableParallelism } from "node:os";
import type { Matrix } from "@ligo/core";
import * as ort from "./onnx/onnxruntime.js";
import {
  IR_VERSION,
  OPSET,
  writeInput,
  writeNode,
  writeOpset,
  writeOutput,
  type ValueMessage,
} from "./onnx/messages.js";
import { runInto, writeUnconverted } from "./onnx/unconverted.js";
import { createProtobufWriter } from "./protobuf.js";

/** A one-node ONNX model: C = A B or A B^T for matrices of any size. */
function productModel(transposeB: boolean): Uint8Array {
  const matrix = (name: string): ValueMessage => ({
    name,
    type: "float32",
    shape: [`${name}_rows`, `${name}_columns`],
  });
  const model = createProtobufWriter();
  model.integer(1, IR_VERSION);
  model.message(7, (graph) => {
    const attributes = { transB: Number(transposeB) };
    writeNode(graph, { operation: "Gemm", inputs: ["a", "b"], outputs: ["c"], attributes });
    graph.text(2, "product");
    for (const input of ["a", "b"]) writeInput(graph, matrix(input));
    writeUnconverted(graph);
    writeOutput(graph, matrix("c"));
  });
  writeOpset(model, "", OPSET);
  return model.finish();
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
