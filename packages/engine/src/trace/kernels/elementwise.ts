import { broadcast, elementType, type RecordingKernel, type TraceContext } from "../context.js";
import { EngineError } from "../../engine-error.js";
import type * as tf from "@ligo/tfjs";
import { castTo, sizeOf, type ElementType, type Value } from "../graph.js";

const splatOf = (value: Value): number | undefined =>
  value.source.kind === "splat" ? value.source.value : undefined;

const FOLD: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
};

/** Shrinks a splat to a scalar where the other side already has the full shape: broadcasting is cheaper than filling. */
function shrink(
  context: TraceContext,
  value: Value,
  other: Value,
  shape: readonly number[],
): Value {
  const number = splatOf(value);
  if (number === undefined || other.shape.join() !== shape.join()) return value;
  return context.graph.splat(number, [], value.type);
}

/** Both operands of a broadcasting operation, at most one of them shrunk: together they must still span the shape. */
function shrinkOne(context: TraceContext, a: Value, b: Value, shape: readonly number[]): Value[] {
  const left = shrink(context, a, b, shape);
  return [left, shrink(context, b, left, shape)];
}

/** Rows summed into zeros and added to x are rows summed into x: no zeros, and no pass over both. */
function summedInto(context: TraceContext, sums: Value, x: Value): Value | undefined {
  if (sums.source.kind !== "node" || sums.source.node.operation !== "ScatterElements")
    return undefined;
  const { node } = sums.source;
  const [target, ids, updates] = node.inputs;
  if (!target || splatOf(target) !== 0 || x.shape.join() !== sums.shape.join()) return undefined;
  const operands = [x, ids, updates];
  return context.graph.one(node.operation, operands, sums.shape, sums.type, node.attributes);
}

function arithmetic(
  operation: "Add" | "Sub" | "Mul" | "Div",
  context: TraceContext,
  a: Value,
  b: Value,
): Value {
  const shape = broadcast(a.shape, b.shape);
  const left = splatOf(a);
  const right = splatOf(b);
  if (left !== undefined && right !== undefined && a.type === "float32") {
    return context.graph.splat(
      (FOLD[operation] as (a: number, b: number) => number)(left, right),
      shape,
      a.type,
    );
  }
  const neutral = operation === "Mul" || operation === "Div" ? 1 : 0;
  if (right === neutral && a.shape.join() === shape.join()) return a;
  if (
    left === neutral &&
    (operation === "Add" || operation === "Mul") &&
    b.shape.join() === shape.join()
  )
    return b;
  if (operation === "Mul" && (left === 0 || right === 0))
    return context.graph.splat(0, shape, a.type);
  const summed =
    operation === "Add" ? (summedInto(context, a, b) ?? summedInto(context, b, a)) : undefined;
  return summed ?? context.graph.one(operation, shrinkOne(context, a, b, shape), shape, a.type);
}

const binary =
  (operation: "Add" | "Sub" | "Mul" | "Div"): RecordingKernel =>
  (context, { inputs }) =>
    context.tensor(
      arithmetic(
        operation,
        context,
        context.value(inputs["a"] as tf.TensorInfo),
        context.value(inputs["b"] as tf.TensorInfo),
      ),
      (inputs["a"] as tf.TensorInfo).dtype,
    );

const plainBinary =
  (operation: string, result?: "bool"): RecordingKernel =>
  (context, { inputs }) => {
    const a = context.value(inputs["a"] as tf.TensorInfo);
    const b = context.value(inputs["b"] as tf.TensorInfo);
    const shape = broadcast(a.shape, b.shape);
    return context.tensor(
      context.graph.one(operation, shrinkOne(context, a, b, shape), shape, result ?? a.type),
    );
  };

const negated =
  (operation: string): RecordingKernel =>
  (context, call) => {
    const equal = context.value(plainBinary(operation, "bool")(context, call) as tf.TensorInfo);
    return context.tensor(context.graph.one("Not", [equal], equal.shape, "bool"));
  };

const unary =
  (operation: string): RecordingKernel =>
  (context, { inputs }) => {
    const x = context.value(inputs["x"] as tf.TensorInfo);
    return context.tensor(context.graph.one(operation, [x], x.shape, x.type));
  };

/** The same numbers as another type, truncated to integers where need be. */
export function cast(context: TraceContext, x: Value, type: ElementType): Value {
  if (x.type === type) return x;
  const number = splatOf(x);
  if (number !== undefined) {
    const converted =
      type === "bool" ? Number(number !== 0) : type === "float32" ? number : Math.trunc(number);
    return context.graph.splat(converted, x.shape, type);
  }
  return castTo(context.graph, x, type);
}

/** One value that TensorFlow.js repeats to a shape, as that one: ONNX operations spread it themselves. */
function unrepeated(value: Value): Value {
  if (value.source.kind !== "node" || value.source.node.operation !== "Tile") return value;
  const [one] = value.source.node.inputs as [Value];
  return sizeOf(one.shape) === 1 ? one : value;
}

const square: RecordingKernel = (context, { inputs }) => {
  const x = context.value(inputs["x"] as tf.TensorInfo);
  return context.tensor(context.graph.one("Mul", [x, x], x.shape, x.type));
};

/** TensorFlow.js kernels that work element by element. */
export const elementwiseKernels: Readonly<Record<string, RecordingKernel>> = {
  Add: binary("Add"),
  Sub: binary("Sub"),
  Multiply: binary("Mul"),
  RealDiv: binary("Div"),
  Pow: plainBinary("Pow"),
  Equal: plainBinary("Equal", "bool"),
  NotEqual: negated("Equal"),
  Greater: plainBinary("Greater", "bool"),
  GreaterEqual: plainBinary("GreaterOrEqual", "bool"),
  Less: plainBinary("Less", "bool"),
  LessEqual: plainBinary("LessOrEqual", "bool"),
  LogicalAnd: plainBinary("And", "bool"),
  LogicalOr: plainBinary("Or", "bool"),
  LogicalNot: unary("Not"),
  Maximum: plainBinary("Max"),
  Minimum: plainBinary("Min"),
  Neg: unary("Neg"),
  Abs: unary("Abs"),
  Sqrt: unary("Sqrt"),
  Exp: unary("Exp"),
  Log: unary("Log"),
  Erf: unary("Erf"),
  Tanh: unary("Tanh"),
  Sigmoid: unary("Sigmoid"),
  Relu: unary("Relu"),
  Reciprocal: unary("Reciprocal"),
  Floor: unary("Floor"),
  Square: square,
  Rsqrt: (context, { inputs }) => {
    const x = context.value(inputs["x"] as tf.TensorInfo);
    const root = context.graph.one("Sqrt", [x], x.shape, x.type);
    return context.tensor(context.graph.one("Reciprocal", [root], x.shape, x.type));
  },
  SquaredDifference: (context, { inputs }) => {
    const a = context.value(inputs["a"] as tf.TensorInfo);
    const difference = arithmetic("Sub", context, a, context.value(inputs["b"] as tf.TensorInfo));
    return context.tensor(
      context.graph.one("Mul", [difference, difference], difference.shape, a.type),
    );
  },
  Step: (context, { inputs, attributes }) => {
    if (attributes["alpha"])
      throw new EngineError(
        "engine/unsupported",
        "A traced step function is 0 for negative numbers.",
      );
    const x = context.value(inputs["x"] as tf.TensorInfo);
    const positive = context.graph.one(
      "Greater",
      [x, context.graph.splat(0, [], x.type)],
      x.shape,
      "bool",
    );
    return context.tensor(cast(context, positive, x.type));
  },
  AddN: (context, { inputs }) => {
    const [first, ...rest] = inputs.map((input) => context.value(input));
    return context.tensor(
      rest.reduce((sum, next) => arithmetic("Add", context, sum, next), first as Value),
    );
  },
  Cast: (context, { inputs, attributes }) => {
    const type = elementType(attributes["dtype"] as tf.DataType);
    if (!type)
      throw new EngineError(
        "engine/unsupported",
        `A traced step cannot cast to ${String(attributes["dtype"])}.`,
      );
    return context.tensor(cast(context, context.value(inputs["x"] as tf.TensorInfo), type));
  },
  Select: (context, { inputs }) => {
    const condition = unrepeated(context.value(inputs["condition"] as tf.TensorInfo));
    const yes = context.value(inputs["t"] as tf.TensorInfo);
    const no = context.value(inputs["e"] as tf.TensorInfo);
    const shape = broadcast(condition.shape, broadcast(yes.shape, no.shape));
    return context.tensor(context.graph.one("Where", [condition, yes, no], shape, yes.type));
  },
};
