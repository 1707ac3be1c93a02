import type * as tf from "@ligo/tfjs";
import { elementType, integers, type RecordingKernel } from "../context.js";
import { EngineError } from "../../engine-error.js";
import { cast } from "./elementwise.js";
import { castTo, sizeOf } from "../graph.js";
import { reshape } from "./shape.js";

/** TensorFlow.js kernels that pick or scatter rows. */
export const gatherKernels: Readonly<Record<string, RecordingKernel>> = {
  GatherV2: (context, { inputs, attributes }) => {
    const x = context.value(inputs["x"] as tf.TensorInfo);
    const indices = context.value(inputs["indices"] as tf.TensorInfo);
    if (attributes["batchDims"])
      throw new EngineError("engine/unsupported", "A traced gather cannot have batch axes.");
    const axis = ((attributes["axis"] as number) + x.shape.length) % x.shape.length;
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    return context.tensor(context.graph.one("Gather", [x, indices], shape, x.type, { axis }));
  },
  UnsortedSegmentSum: (context, { inputs, attributes }) => {
    const x = context.value(inputs["x"] as tf.TensorInfo);
    const segments = context.value(inputs["segmentIds"] as tf.TensorInfo);
    const rows = sizeOf(segments.shape);
    const columns = sizeOf(x.shape) / rows;
    const segmentCount = attributes["numSegments"] as number;
    // Not ScatterND: onnxruntime adds its rows on several threads without a lock, and loses some where ids repeat.
    const wide = context.graph.constant(integers([rows, columns]), [2]);
    const ids = context.graph.one(
      "Expand",
      [reshape(context, segments, [rows, 1]), wide],
      [rows, columns],
      "int32",
    );
    const zeros = context.graph.splat(0, [segmentCount, columns], x.type);
    const operands = [zeros, ids, reshape(context, x, [rows, columns])];
    const attributesOfSum = { axis: 0, reduction: "add" };
    const sums = context.graph.one(
      "ScatterElements",
      operands,
      [segmentCount, columns],
      x.type,
      attributesOfSum,
    );
    return context.tensor(
      reshape(context, sums, [segmentCount, ...x.shape.slice(segments.shape.length)]),
    );
  },
  OneHot: (context, { inputs, attributes }) => {
    const given = context.value(inputs["indices"] as tf.TensorInfo);
    const indices = reshape(context, given, given.shape.length === 0 ? [1] : given.shape);
    const depth = attributes["depth"] as number;
    const onOff = new Float32Array([
      attributes["offValue"] as number,
      attributes["onValue"] as number,
    ]);
    const dtype = attributes["dtype"] as tf.DataType;
    // onnxruntime has OneHot for int64 indices with float values.
    const wide = castTo(context.graph, indices, "int64");
    // A negative index would count from the end there; here it names no class, as one beyond the last does.
    const none = context.graph.splat(depth, [], "int64");
    const negative = context.graph.one(
      "Less",
      [wide, context.graph.splat(0, [], "int64")],
      indices.shape,
      "bool",
    );
    const classes = context.graph.one("Where", [negative, none, wide], indices.shape, "int64");
    const operands = [
      classes,
      context.graph.constant(integers([depth]), [1]),
      context.graph.constant(onOff, [2]),
    ];
    const hot = context.graph.one("OneHot", operands, [...indices.shape, depth], "float32", {
      axis: -1,
    });
    return context.tensor(
      reshape(context, cast(context, hot, elementType(dtype) ?? "float32"), [
        ...given.shape,
        depth,
      ]),
    );
  },
};
