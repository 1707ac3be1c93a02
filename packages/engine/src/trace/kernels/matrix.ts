import type * as tf from "@ligo/tfjs";
import { broadcast, type RecordingKernel, type TraceContext } from "../context.js";
import { EngineError } from "../../engine-error.js";
import type { Value } from "../graph.js";

/** Undoes a swap of the last two axes by a flag of the product instead. */
function untranspose(value: Value): { value: Value; swapped: boolean } {
  if (value.source.kind === "node" && value.source.node.operation === "Transpose") {
    const permutation = value.source.node.attributes["perm"] as readonly number[];
    const rank = permutation.length;
    const swapsLast = permutation.every((axis, index) =>
      index < rank - 2 ? axis === index : axis === (index === rank - 1 ? rank - 2 : rank - 1),
    );
    if (swapsLast) return { value: value.source.node.inputs[0] as Value, swapped: true };
  }
  return { value, swapped: false };
}

/** A matrix product, with an optional row added: `Gemm` for two matrices, `FusedMatMul` for batches. */
function product(
  context: TraceContext,
  left: Value,
  right: Value,
  transposeLeft: boolean,
  transposeRight: boolean,
  bias?: Value,
): Value {
  const a = untranspose(left);
  const b = untranspose(right);
  const transA = transposeLeft !== a.swapped;
  const transB = transposeRight !== b.swapped;
  const rank = left.shape.length;
  const rows = left.shape[transposeLeft ? rank - 1 : rank - 2] as number;
  const columns = right.shape[
    transposeRight ? right.shape.length - 2 : right.shape.length - 1
  ] as number;
  const inner = left.shape[transposeLeft ? rank - 2 : rank - 1];
  if (inner !== right.shape[right.shape.length - (transposeRight ? 1 : 2)]) {
    const text = (value: Value, transposed: boolean): string =>
      `[${value.shape.join()}]${transposed ? " transposed" : ""}`;
    throw new EngineError(
      "engine/shape",
      `A traced step multiplies ${text(left, transposeLeft)} by ${text(right, transposeRight)}: the inner sizes differ.`,
    );
  }
  const batch = broadcast(left.shape.slice(0, -2), right.shape.slice(0, -2));
  const shape = [...batch, rows, columns];
  const isMatrices = rank === 2 && right.shape.length === 2;
  const result = context.graph.one(
    isMatrices ? "Gemm" : "FusedMatMul",
    [a.value, b.value],
    shape,
    "float32",
    { alpha: { float: 1 }, transA: Number(transA), transB: Number(transB) },
    isMatrices ? "" : "com.microsoft",
  );
  // Not a third operand of Gemm: onnxruntime copies the row into every row of the result first, on one thread.
  return bias ? context.graph.one("Add", [result, bias], shape, "float32") : result;
}

/** A matrix product with a batch axis of one is a product of two matrices. */
function squeezed(
  context: TraceContext,
  a: Value,
  b: Value,
  transposeA: boolean,
  transposeB: boolean,
  reshape: (value: Value, shape: readonly number[]) => Value,
): Value {
  const single =
    a.shape.length === 3 && b.shape.length === 3 && a.shape[0] === 1 && b.shape[0] === 1;
  if (!single) return product(context, a, b, transposeA, transposeB);
  const flat = product(
    context,
    reshape(a, a.shape.slice(1)),
    reshape(b, b.shape.slice(1)),
    transposeA,
    transposeB,
  );
  return reshape(flat, [1, ...flat.shape]);
}

/** TensorFlow.js kernels that multiply matrices. */
export const matrixKernels = (
  reshape: (context: TraceContext, value: Value, shape: readonly number[]) => Value,
): Readonly<Record<string, RecordingKernel>> => ({
  BatchMatMul: (context, { inputs, attributes }) =>
    context.tensor(
      squeezed(
        context,
        context.value(inputs["a"] as tf.TensorInfo),
        context.value(inputs["b"] as tf.TensorInfo),
        Boolean(attributes["transposeA"]),
        Boolean(attributes["transposeB"]),
        (value, shape) => reshape(context, value, shape),
      ),
    ),
  _FusedMatMul: (context, { inputs, attributes }) => {
    if ((attributes["activation"] ?? "linear") !== "linear") {
      throw new EngineError(
        "engine/unsupported",
        "A traced step cannot fuse an activation into a matrix product.",
      );
    }
    const a = context.value(inputs["a"] as tf.TensorInfo);
    const b = context.value(inputs["b"] as tf.TensorInfo);
    const bias = inputs["bias"] ? context.value(inputs["bias"]) : undefined;
    const single = a.shape[0] === 1 && b.shape[0] === 1;
    // TensorFlow.js makes every operand a batch; a bias of a higher rank than the row of a matrix stays with the batch.
    const flatten = (value: Value): Value =>
      single ? reshape(context, value, value.shape.slice(1)) : value;
    const row = single && bias ? reshape(context, bias, bias.shape.slice(-2)) : bias;
    const result = product(
      context,
      flatten(a),
      flatten(b),
      Boolean(attributes["transposeA"]),
      Boolean(attributes["transposeB"]),
      row,
    );
    return context.tensor(single ? reshape(context, result, [1, ...result.shape]) : result);
  },
});
