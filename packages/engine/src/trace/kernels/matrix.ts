import type * as tf from "@tensorflow/tfjs";
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

/** Columns of a result that onnxruntime's kernel makes at a time; it transposes a left side anew for each so many. */
const KERNEL_COLUMNS = 128;
/** Elements of a matrix that is transposed within the processor's cache. */
const CACHED_ELEMENTS = 1 << 20;
/** What must be at stake for operations of their own. */
const SMALLEST_COST = 1 << 18;

/** What transposing a matrix first takes, in units of what the kernel takes to transpose two of its elements. */
const transposeCost = (elements: number): number =>
  elements <= CACHED_ELEMENTS ? elements : 2 * elements;

/**
 * A^T B for A [inner, m] and B [inner, n]: the gradient of every weight. onnxruntime's kernel reads A against its grain, and
 * again for every 128 columns of the result. Where that comes to more than twice as much, A is transposed first, or B is and
 * then the result of the swapped product.
 */
function transposedLeft(context: TraceContext, a: Value, b: Value): Value {
  const [inner = 0, m = 0] = a.shape;
  const n = b.shape[1] as number;
  const multiply = (left: Value, right: Value, transA: boolean): Value =>
    context.graph.one(
      transA ? "Gemm" : "FusedMatMul",
      [left, right],
      [left.shape[transA ? 1 : 0] as number, right.shape[1] as number],
      "float32",
      { alpha: { float: 1 }, transA: Number(transA), transB: 0 },
      transA ? "" : "com.microsoft",
    );
  const transpose = (x: Value): Value =>
    context.graph.one("Transpose", [x], x.shape.toReversed(), x.type, { perm: [1, 0] });
  const inKernel = (inner * m * Math.ceil(n / KERNEL_COLUMNS)) / 2;
  const before = transposeCost(inner * m);
  const swapped = transposeCost(inner * n) + transposeCost(m * n);
  if (inKernel <= SMALLEST_COST || 2 * Math.min(before, swapped) > inKernel)
    return multiply(a, b, true);
  return before <= swapped
    ? multiply(transpose(a), b, false)
    : transpose(multiply(transpose(b), a, false));
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
  const result =
    isMatrices && transA && !transB
      ? transposedLeft(context, a.value, b.value)
      : context.graph.one(
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
