import {
  type AttributeValue,
  type ElementType,
  type Node,
  type Value,
  reachable,
  sizeOf,
} from "../trace/graph.js";
import { createProtobufWriter, type ProtobufWriter } from "../protobuf.js";
import { writeUnconverted } from "./unconverted.js";

/** ONNX `TensorProto.DataType`. */
const DATA_TYPE: Record<ElementType, number> = { float32: 1, int32: 6, int64: 7, bool: 9 };

/** Splats up to this many elements become constants; larger ones are expanded at run time. */
const DENSE_SPLAT_LIMIT = 64;
const OPSET = 20;
const IR_VERSION = 9;

function denseSplat(value: number, type: ElementType, size: number): Uint8Array {
  if (type === "float32") return new Uint8Array(new Float32Array(size).fill(value).buffer);
  if (type === "int32") return new Uint8Array(new Int32Array(size).fill(value).buffer);
  if (type === "int64") return new Uint8Array(new BigInt64Array(size).fill(BigInt(value)).buffer);
  return new Uint8Array(size).fill(value);
}

function writeTensor(
  writer: ProtobufWriter,
  name: string,
  type: ElementType,
  shape: readonly number[],
  raw: Uint8Array,
): void {
  for (const size of shape) writer.integer(1, size);
  writer.integer(2, DATA_TYPE[type]);
  writer.text(8, name);
  writer.bytes(9, raw);
}

function writeAttribute(writer: ProtobufWriter, name: string, value: AttributeValue): void {
  writer.text(1, name);
  if (typeof value === "number") {
    writer.integer(3, value);
    writer.integer(20, 2);
  } else if (typeof value === "string") {
    writer.text(4, value);
    writer.integer(20, 3);
  } else if ("float" in value) {
    writer.float(2, value.float);
    writer.integer(20, 1);
  } else {
    for (const integer of value) writer.integer(8, integer);
    writer.integer(20, 7);
  }
}

function writeValueInfo(writer: ProtobufWriter, name: string, value: Value): void {
  writer.text(1, name);
  writer.message(2, (type) =>
    type.message(1, (tensor) => {
      tensor.integer(1, DATA_TYPE[value.type]);
      tensor.message(2, (shape) => {
        for (const size of value.shape) shape.message(1, (dimension) => dimension.integer(1, size));
      });
    }),
  );
}

/** A serialised ONNX model and what it holds. */
export interface OnnxModel {
  readonly bytes: Uint8Array;
  readonly nodes: readonly Node[];
  /** Names of declared inputs the model really reads. */
  readonly inputs: readonly string[];
  /** For every requested key the model's name of its output. */
  readonly outputs: readonly {
    readonly key: string;
    readonly name: string;
    readonly value: Value;
  }[];
}

/**
 * Writes a traced graph as an ONNX model (opset 20 and `com.microsoft`): only what the outputs depend on, constants as
 * initialisers, large splats expanded at run time. Its first output is that of {@link writeUnconverted}.
 */
export function encodeModel(outputs: Readonly<Record<string, Value>>): OnnxModel {
  const requested = Object.entries(outputs);
  // onnxruntime runs a model from its last output back, depth first, and of a node's operands the one that stands last in
  // the model first. Written so, sums of gradients grow from the first to the last: each is added when it is made.
  const nodes = reachable(
    requested.map(([, value]) => value),
    "last",
  );
  const nameOf = (value: Value): string =>
    value.source.kind === "input" ? value.source.name : `${value.source.kind}_${value.id}`;
  const graphInputs = new Map<string, Value>();
  const graph = createProtobufWriter();
  const initialisers = createProtobufWriter();
  const written = new Set<number>();

  const expand = (value: Value, scalar: number): void => {
    const scalarName = `${nameOf(value)}_scalar`;
    const shapeName = `${nameOf(value)}_shape`;
    initialisers.message(5, (t) =>
      writeTensor(t, scalarName, value.type, [], denseSplat(scalar, value.type, 1)),
    );
    const dimensions = new Uint8Array(BigInt64Array.from(value.shape, BigInt).buffer);
    initialisers.message(5, (t) =>
      writeTensor(t, shapeName, "int64", [value.shape.length], dimensions),
    );
    graph.message(1, (node) => {
      node.text(1, scalarName);
      node.text(1, shapeName);
      node.text(2, nameOf(value));
      node.text(4, "Expand");
    });
  };
  const use = (value: Value): string => {
    const name = nameOf(value);
    if (written.has(value.id)) return name;
    written.add(value.id);
    const { source } = value;
    if (source.kind === "input") graphInputs.set(name, value);
    else if (source.kind === "constant") {
      const raw = new Uint8Array(
        source.data.buffer,
        source.data.byteOffset,
        source.data.byteLength,
      );
      initialisers.message(5, (t) => writeTensor(t, name, value.type, value.shape, raw));
    } else if (source.kind === "splat") {
      const size = sizeOf(value.shape);
      if (size > DENSE_SPLAT_LIMIT) expand(value, source.value);
      else
        initialisers.message(5, (t) =>
          writeTensor(t, name, value.type, value.shape, denseSplat(source.value, value.type, size)),
        );
    }
    return name;
  };

  for (const node of nodes) {
    const inputs = node.inputs.map((input) => (input ? use(input) : ""));
    graph.message(1, (writer) => {
      for (const input of inputs) writer.text(1, input);
      for (const output of node.outputs) writer.text(2, nameOf(output));
      writer.text(4, node.operation);
      for (const [name, value] of Object.entries(node.attributes)) {
        writer.message(5, (attribute) => writeAttribute(attribute, name, value));
      }
      if (node.domain !== "") writer.text(7, node.domain);
    });
  }
  // A graph output needs a node of its own: two requested outputs may be one value, or an input passed through.
  const modelOutputs = new Map<string, Value>();
  const outputNames = requested.map(([key, value], index) => {
    const own = nameOf(value);
    if (value.source.kind === "node" && !modelOutputs.has(own)) {
      modelOutputs.set(own, value);
      return { key, name: own, value };
    }
    const name = `output_${index}`;
    const from = use(value);
    graph.message(1, (writer) => {
      writer.text(1, from);
      writer.text(2, name);
      writer.text(4, "Identity");
    });
    modelOutputs.set(name, value);
    return { key, name, value };
  });

  const model = createProtobufWriter();
  model.integer(1, IR_VERSION);
  model.text(2, "ligo");
  const body = graph.finish();
  const constants = initialisers.finish();
  const ends = createProtobufWriter();
  writeUnconverted(ends);
  for (const [name, value] of graphInputs)
    ends.message(11, (writer) => writeValueInfo(writer, name, value));
  for (const [name, value] of modelOutputs)
    ends.message(12, (writer) => writeValueInfo(writer, name, value));
  const tail = ends.finish();
  const whole = new Uint8Array(body.length + constants.length + tail.length + 8);
  const title = createProtobufWriter();
  title.text(2, "step");
  const head = title.finish();
  whole.set(head, 0);
  whole.set(body, head.length);
  whole.set(constants, head.length + body.length);
  whole.set(tail, head.length + body.length + constants.length);
  model.bytes(7, whole.subarray(0, head.length + body.length + constants.length + tail.length));
  for (const [domain, version] of [
    ["", OPSET],
    ["com.microsoft", 1],
  ] as const) {
    model.message(8, (opset) => {
      opset.text(1, domain);
      opset.integer(2, version);
    });
  }
  return { bytes: model.finish(), nodes, inputs: [...graphInputs.keys()], outputs: outputNames };
}
