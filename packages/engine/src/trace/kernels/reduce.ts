import type * as tf from "@ligo/tfjs";
import { integers, type RecordingKernel, type TraceContext } from "../context.js";
import { castTo, type Value } from "../graph.js";

const axesOf = (attribute: unknown, rank: number): number[] => {
  const axes =
    attribute === undefined || attribute === null
      ? Array.from({ length: rank }, (_, axis) => axis)
      : [attribute].flat();
  return (axes as number[]).map((axis) => (axis + rank) % rank);
};

function reduceValue(
  context: TraceContext,
  operation: string,
  x: Value,
  axes: readonly number[],
  keep: boolean,
): Value {
  const shape = keep
    ? x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : x.shape.filter((_, axis) => !axes.includes(axis));
  const axesValue = context.graph.constant(integers(axes), [axes.length]);
  return context.graph.one(operation, [x, axesValue], shape, x.type, { keepdims: Number(keep) });
}

const reduction =
  (operation: string, attribute: string): RecordingKernel =>
  (context, { inputs, attributes }) => {
    const x = context.value(inputs["x"] as tf.TensorInfo);
    const axes = axesOf(attributes[attribute], x.shape.length);
    if (axes.length === 0) return context.tensor(x);
    return context.tensor(
      reduceValue(context, operation, x, axes, Boolean(attributes["keepDims"])),
    );
  };

/** The x of x * x, which a sum of squares need not spell out. */
function squareRoot({ source }: Value): Value | undefined {
  if (source.kind !== "node" || source.node.operation !== "Mul") return undefined;
  const [left, right] = source.node.inputs;
  return left !== undefined && left.id === right?.id ? left : undefined;
}

/** A sum; of squares in one operation, so that the squares are never held. */
const sum: RecordingKernel = (context, call) => {
  const x = context.value(call.inputs["x"] as tf.TensorInfo);
  const root = x.type === "float32" ? squareRoot(x) : undefined;
  if (!root) return reduction("ReduceSum", "axis")(context, call);
  const axes = axesOf(call.attributes["axis"], root.shape.length);
  return context.tensor(
    reduceValue(context, "ReduceSumSquare", root, axes, Boolean(call.attributes["keepDims"])),
  );
};

/** TensorFlow.js kernels that reduce axes. */
export const reduceKernels: Readonly<Record<string, RecordingKernel>> = {
  Sum: sum,
  Mean: reduction("ReduceMean", "axis"),
  Max: reduction("ReduceMax", "reductionIndices"),
  Min: reduction("ReduceMin", "axis"),
  Softmax: (context, { inputs, attributes }) => {
    const x = context.value(inputs["logits"] as tf.TensorInfo);
    const axis = ((attributes["dim"] as number) + x.shape.length) % x.shape.length;
    return context.tensor(context.graph.one("Softmax", [x], x.shape, x.type, { axis }));
  },
  ArgMax: (context, { inputs, attributes }) => {
    const x = context.value(inputs["x"] as tf.TensorInfo);
    const [axis = 0] = axesOf(attributes["axis"] ?? 0, x.shape.length);
    const shape = x.shape.filter((_, index) => index !== axis);
    const found = context.graph.one("ArgMax", [x], shape, "int64", { axis, keepdims: 0 });
    return context.tensor(castTo(context.graph, found, "int32"));
  },
};
