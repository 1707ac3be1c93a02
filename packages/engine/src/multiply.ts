import { availableParallelism } from "node:os";
import type { Matrix } from "@ligo/core";
import * as ort from "./onnx/onnxruntime.js";
import { createProtobufWriter, type ProtobufWriter } from "./protobuf.js";
import { runInto, writeUnconverted } from "./onnx/unconverted.js";

const FLOAT = 1;
const INTEGER_ATTRIBUTE = 2;

/** A one-node ONNX model: C = A B or A B^T for matrices of any size. */
function productModel(transposeB: boolean): Uint8Array {
  const matrix = (writer: ProtobufWriter, name: string): void => {
    writer.text(1, name);
    writer.message(2, (type) =>
      type.message(1, (tensor) => {
        tensor.integer(1, FLOAT);
        tensor.message(2, (shape) => {
          for (const side of ["rows", "columns"])
            shape.message(1, (dimension) => dimension.text(2, `${name}_${side}`));
        });
      }),
    );
  };
  const model = createProtobufWriter();
  model.integer(1, 9);
  model.message(7, (graph) => {
    graph.message(1, (node) => {
      for (const input of ["a", "b"]) node.text(1, input);
      node.text(2, "c");
      node.text(4, "Gemm");
      node.message(5, (attribute) => {
        attribute.text(1, "transB");
        attribute.integer(3, Number(transposeB));
        attribute.integer(20, INTEGER_ATTRIBUTE);
      });
    });
    graph.text(2, "product");
    for (const input of ["a", "b"]) graph.message(11, (writer) => matrix(writer, input));
    writeUnconverted(graph);
    graph.message(12, (writer) => matrix(writer, "c"));
  });
  model.message(8, (opset) => {
    opset.text(1, "");
    opset.integer(2, 20);
  });
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
