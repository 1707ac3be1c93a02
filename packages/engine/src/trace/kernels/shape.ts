import * as tf from "@ligo/tfjs";
import { EngineError } from "../../engine-error.js";
import { elementType, integers, type RecordingKernel, type TraceContext } from "../context.js";
import { sizeOf, type Value } from "../graph.js";

const isIdentity = (permutation: readonly number[]): boolean =>
  permutation.every((axis, index) => axis === index);

/** The same numbers in another shape; chains collapse and splats stay symbolic. */
export function reshape(context: TraceContext, value: Value, shape: readonly number[]): Value {
  if (value.shape.join() === shape.join()) return value;
  if (value.source.kind === "splat")
    return context.graph.splat(value.source.value, shape, value.type);
  if (value.source.kind === "constant") return context.graph.constant(value.source.data, shape);
  if (value.source.kind === "node" && value.source.node.operation === "Reshape") {
    return reshape(context, value.source.node.inputs[0] as Value, shape);
  }
  const target = context.graph.constant(integers(shape), [shape.length]);
  return context.graph.one("Reshape", [value, target], shape, value.type);
}

function transpose(context: TraceContext, value: Value, permutation: readonly number[]): Value {
  if (isIdentity(permutation)) return value;
  if (value.source.kind === "splat") {
    return context.graph.splat(
      value.source.value,
      permutation.map((axis) => value.shape[axis] as number),
      value.type,
    );
  }
  if (value.source.kind === "node" && value.source.node.operation === "Transpose") {
    const inner = value.source.node.attributes["perm"] as readonly number[];
    return transpose(
      context,
      value.source.node.inputs[0] as Value,
      permutation.map((axis) => inner[axis] as number),
    );
  }
  const shape = permutation.map((axis) => value.shape[axis] as number);
  return context.graph.one("Transpose", [value], shape, value.type, { perm: permutation });
}

function split(
  context: TraceContext,
  value: Value,
  sizes: readonly number[],
  axis: number,
): Value[] {
  const shapes = sizes.map((size) =>
    value.shape.map((old, index) => (index === axis ? size : old)),
  );
  const outputs = shapes.map((shape) => ({ shape, type: value.type }));
  return context.graph.node(
    "Split",
    [value, context.graph.constant(integers(sizes), [sizes.length])],
    outputs,
    { axis },
  );
}

function slice(
  context: TraceContext,
  value: Value,
  begin: readonly number[],
  size: readonly number[],
): Value {
  if (size.every((length, axis) => length === value.shape[axis])) return value;
  if (value.source.kind === "splat")
    return context.graph.splat(value.source.value, size, value.type);
  const axes = value.shape
    .map((_, axis) => axis)
    .filter((axis) => size[axis] !== value.shape[axis]);
  const bound = (of: (axis: number) => number): Value =>
    context.graph.constant(integers(axes.map(of)), [axes.length]);
  const inputs = [
    value,
    bound((axis) => begin[axis] as number),
    bound((axis) => (begin[axis] as number) + (size[axis] as number)),
    bound((axis) => axis),
  ];
  return context.graph.one("Slice", inputs, size, value.type);
}

/** TensorFlow.js kernels that only move or make numbers. */
export const shapeKernels: Readonly<Record<string, RecordingKernel>> = {
  Identity: (context, { inputs }) =>
    context.tensor(
      context.value(inputs["x"] as tf.TensorInfo),
      (inputs["x"] as tf.TensorInfo).dtype,
    ),
  Reshape: (context, { inputs, attributes }) => {
    const x = inputs["x"] as tf.TensorInfo;
    const shape = [...(attributes["shape"] as number[])];
    const unknown = shape.indexOf(-1);
    if (unknown >= 0) shape[unknown] = sizeOf(x.shape) / -sizeOf(shape);
    if (sizeOf(shape) !== sizeOf(x.shape)) {
      throw new EngineError(
        "engine/shape",
        `A traced step reshapes [${x.shape.join()}] to [${shape.join()}].`,
      );
    }
    return context.tensor(reshape(context, context.value(x), shape), x.dtype);
  },
  ExpandDims: (context, { inputs, attributes }) => {
    const x = context.value(inputs["input"] as tf.TensorInfo);
    const axis = attributes["dim"] as number;
    const at = axis < 0 ? x.shape.length + axis + 1 : axis;
    return context.tensor(reshape(context, x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]));
  },
  Transpose: (context, { inputs, attributes }) =>
    context.tensor(
      transpose(
        context,
        context.value(inputs["x"] as tf.TensorInfo),
        attributes["perm"] as number[],
      ),
    ),
  Concat: (context, { inputs, attributes }) => {
    const values = inputs
      .map((input) => context.value(input))
      .filter((value) => sizeOf(value.shape) > 0);
    const first = values[0] as Value;
    if (values.length === 1) return context.tensor(first);
    const axis = ((attributes["axis"] as number) + first.shape.length) % first.shape.length;
    const shape = first.shape.map((size, index) =>
      index === axis ? values.reduce((sum, value) => sum + (value.shape[axis] as number), 0) : size,
    );
    return context.tensor(context.graph.one("Concat", values, shape, first.type, { axis }));
  },
  SplitV: (context, { inputs, attributes }) => {
    const x = context.value(inputs["x"] as tf.TensorInfo);
    const axis = ((attributes["axis"] as number) + x.shape.length) % x.shape.length;
    const asked = attributes["numOrSizeSplits"] as number | number[];
    const length = x.shape[axis] as number;
    const sizes =
      typeof asked === "number"
        ? Array.from({ length: asked }, () => length / asked)
        : asked.map((size) =>
            size === -1
              ? length - asked.reduce((sum, other) => sum + (other === -1 ? 0 : other), 0)
              : size,
          );
    return split(context, x, sizes, axis).map((value) => context.tensor(value));
  },
  Slice: (context, { inputs, attributes }) => {
    const x = inputs["x"] as tf.TensorInfo;
    const asked = attributes as { begin: number | number[]; size?: number | number[] };
    const [begin, size] = tf.slice_util.parseSliceParams(x, asked.begin, asked.size) as [
      number[],
      number[],
    ];
    return context.tensor(slice(context, context.value(x), begin, size));
  },
  Pack: (context, { inputs, attributes }) => {
    const values = inputs.map((input) => context.value(input));
    const first = values[0] as Value;
    const asked = attributes["axis"] as number;
    const axis = asked < 0 ? asked + first.shape.length + 1 : asked;
    const one = [...first.shape.slice(0, axis), 1, ...first.shape.slice(axis)];
    const parts = values.map((value) => reshape(context, value, one));
    if (parts.length === 1) return context.tensor(parts[0] as Value);
    const shape = one.map((size, index) => (index === axis ? values.length : size));
    return context.tensor(context.graph.one("Concat", parts, shape, first.type, { axis }));
  },
  Unpack: (context, { inputs, attributes }) => {
    const x = context.value(inputs["value"] as tf.TensorInfo);
    const axis = ((attributes["axis"] as number) + x.shape.length) % x.shape.length;
    const shape = x.shape.filter((_, index) => index !== axis);
    const count = x.shape[axis] as number;
    if (count === 1) return [context.tensor(reshape(context, x, shape))];
    const parts = split(
      context,
      x,
      Array.from({ length: count }, () => 1),
      axis,
    );
    return parts.map((part) => context.tensor(reshape(context, part, shape)));
  },
  Tile: (context, { inputs, attributes }) => {
    const x = context.value(inputs["x"] as tf.TensorInfo);
    const repetitions = attributes["reps"] as number[];
    const shape = x.shape.map((size, axis) => size * (repetitions[axis] as number));
    if (x.source.kind === "splat")
      return context.tensor(context.graph.splat(x.source.value, shape, x.type));
    const counts = context.graph.constant(integers(repetitions), [repetitions.length]);
    return context.tensor(context.graph.one("Tile", [x, counts], shape, x.type));
  },
  PadV2: (context, { inputs, attributes }) => {
    const x = context.value(inputs["x"] as tf.TensorInfo);
    const paddings = attributes["paddings"] as [number, number][];
    const shape = x.shape.map(
      (size, axis) => size + (paddings[axis]?.[0] ?? 0) + (paddings[axis]?.[1] ?? 0),
    );
    const pads = [...paddings.map((pair) => pair[0]), ...paddings.map((pair) => pair[1])];
    const fill = context.graph.splat(attributes["constantValue"] as number, [], x.type);
    return context.tensor(
      context.graph.one(
        "Pad",
        [x, context.graph.constant(integers(pads), [pads.length]), fill],
        shape,
        x.type,
      ),
    );
  },
  ZerosLike: (context, { inputs }) => {
    const x = context.value(inputs["x"] as tf.TensorInfo);
    return context.tensor(context.graph.splat(0, x.shape, x.type));
  },
  OnesLike: (context, { inputs }) => {
    const x = context.value(inputs["x"] as tf.TensorInfo);
    return context.tensor(context.graph.splat(1, x.shape, x.type));
  },
  Range: (context, { attributes }) => {
    const { start, stop, step, dtype } = attributes as {
      start: number;
      stop: number;
      step: number;
      dtype: string;
    };
    const numbers = Array.from(
      { length: Math.max(0, Math.ceil((stop - start) / step)) },
      (_, i) => start + i * step,
    );
    const data = dtype === "int32" ? Int32Array.from(numbers) : Float32Array.from(numbers);
    return context.tensor(context.graph.constant(data, [numbers.length]));
  },
  Fill: (context, { attributes }) =>
    context.tensor(
      context.graph.splat(
        Number(attributes["value"]),
        attributes["shape"] as number[],
        elementType(attributes["dtype"] as tf.DataType) ?? "float32",
      ),
    ),
};
