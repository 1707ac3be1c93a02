import type * as tf from "@ligo/tfjs";
import type { RecordingKernel } from "../context.js";
import type { Value } from "../graph.js";
import { reshape } from "./shape.js";

/**
 * Kernels of our own, which model code calls where a backend has them and spells out in TensorFlow.js ops where not:
 * onnxruntime runs each as one operation.
 */
export const fusedKernels: Readonly<Record<string, RecordingKernel>> = {
  /** (x [rows, n], gain [n], bias [n]; epsilon) -> [y, mean [rows, 1], inverse deviation [rows, 1]]. */
  LigoLayerNormalization: (context, { inputs, attributes }) => {
    const x = context.value(inputs["x"] as tf.TensorInfo);
    const operands = [
      x,
      context.value(inputs["gain"] as tf.TensorInfo),
      context.value(inputs["bias"] as tf.TensorInfo),
    ];
    const statistics = { shape: [...x.shape.slice(0, -1), 1], type: "float32" as const };
    const outputs = context.graph.node(
      "LayerNormalization",
      operands,
      [{ shape: x.shape, type: "float32" }, statistics, statistics],
      { axis: -1, epsilon: { float: attributes["epsilon"] as number } },
    );
    return outputs.map((output) => context.tensor(output));
  },
  /** (x) -> x, marked as a value to keep where activations are computed anew in the backward pass. */
  LigoCheckpoint: (context, { inputs }) => {
    const x = context.value(inputs["x"] as tf.TensorInfo);
    if (!context.checkpoints.includes(x)) context.checkpoints.push(x);
    return context.tensor(x);
  },
  /** (x, mask of bools; scale) -> scale x where the mask is true, else 0. */
  LigoDropout: (context, { inputs, attributes }) => {
    const x = context.value(inputs["x"] as tf.TensorInfo);
    const mask = context.value(inputs["mask"] as tf.TensorInfo);
    const scale = attributes["scale"] as number;
    // Not a product with the mask as numbers: that would be kept from the forward to the backward pass.
    const zero = context.graph.splat(0, [], "float32");
    const kept = context.graph.one("Where", [mask, x, zero], x.shape, "float32");
    if (scale === 1) return context.tensor(kept);
    const factor = context.graph.splat(scale, [], "float32");
    return context.tensor(context.graph.one("Mul", [kept, factor], x.shape, "float32"));
  },
  /**
   * (x) -> [x Phi(x), 2 (Phi(x) + x phi(x))], Phi and phi the distribution and the density of the standard normal. With
   * z = x / sqrt(2) these are z (1 + erf z) / sqrt(2) and 1 + erf z + z exp(ln(2 / sqrt(pi)) - z^2): the fewest passes,
   * and their factors can go into the products before and after.
   */
  LigoGelu: (context, { inputs }) => {
    const x = context.value(inputs["x"] as tf.TensorInfo);
    const { graph } = context;
    const apply = (operation: string, ...operands: (Value | number)[]): Value =>
      graph.one(
        operation,
        operands.map((operand) =>
          typeof operand === "number" ? graph.splat(operand, [], "float32") : operand,
        ),
        x.shape,
        "float32",
      );
    const z = apply("Mul", x, Math.SQRT1_2);
    const twicePhi = apply("Add", apply("Erf", z), 1);
    const density = apply(
      "Exp",
      apply("Sub", Math.log(2 / Math.sqrt(Math.PI)), apply("Mul", z, z)),
    );
    const twiceSlope = apply("Add", twicePhi, apply("Mul", z, density));
    return [
      context.tensor(apply("Mul", apply("Mul", z, twicePhi), Math.SQRT1_2)),
      context.tensor(twiceSlope),
    ];
  },
  /** (x [rows, n], columns [rows]) -> x[row, columns[row]] as [rows, 1]. */
  LigoPickColumns: (context, { inputs }) => {
    const x = context.value(inputs["x"] as tf.TensorInfo);
    const columns = context.value(inputs["columns"] as tf.TensorInfo);
    const shape = [...columns.shape, 1];
    const picks = reshape(context, columns, shape);
    return context.tensor(
      context.graph.one("GatherElements", [x, picks], shape, x.type, { axis: 1 }),
    );
  },
  /** (x [rows, n], columns [rows], updates [rows, 1]) -> x with the updates added at x[row, columns[row]]. */
  LigoAddToColumns: (context, { inputs }) => {
    const x = context.value(inputs["x"] as tf.TensorInfo);
    const columns = context.value(inputs["columns"] as tf.TensorInfo);
    const updates = context.value(inputs["updates"] as tf.TensorInfo);
    const operands = [x, reshape(context, columns, [...columns.shape, 1]), updates];
    const attributes = { axis: 1, reduction: "add" };
    return context.tensor(
      context.graph.one("ScatterElements", operands, x.shape, x.type, attributes),
    );
  },
};
