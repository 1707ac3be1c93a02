import {
  DATA_TYPE,
  type AttributeValue,
  type Attributes,
  type ElementType,
} from "../trace/graph.js";
import type { ProtobufWriter } from "../protobuf.js";

/** ONNX `ModelProto.ir_version`. */
export const IR_VERSION = 9;
/** Version of ONNX's own operations. */
export const OPSET = 20;

/** Numbers of a tensor: little-endian, row-major. */
export interface TensorMessage {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly raw: Uint8Array;
}

/** An operation on values by name; an empty input is one that is left out. */
export interface NodeMessage {
  readonly operation: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Attributes;
  /** Default ONNX's own operations. */
  readonly domain?: string;
}

/** Writes a constant as a `GraphProto.initializer`. */
export function writeInitialiser(
  graph: ProtobufWriter,
  { name, type, shape, raw }: TensorMessage,
): void {
  graph.message(5, (tensor) => {
    for (const size of shape) tensor.integer(1, size);
    tensor.integer(2, DATA_TYPE[type]);
    tensor.text(8, name);
    tensor.bytes(9, raw);
  });
}

/** Writes an operation as a `GraphProto.node`. */
export function writeNode(
  graph: ProtobufWriter,
  { operation, inputs, outputs, attributes = {}, domain = "" }: NodeMessage,
): void {
  graph.message(1, (node) => {
    for (const input of inputs) node.text(1, input);
    for (const output of outputs) node.text(2, output);
    node.text(4, operation);
    for (const [name, value] of Object.entries(attributes))
      node.message(5, (attribute) => writeAttribute(attribute, name, value));
    if (domain !== "") node.text(7, domain);
  });
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

/** A name, a type and the sizes of the axes; an axis of any size has a name. */
export interface ValueMessage {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
}

/** Writes a value as a `GraphProto.input`. */
export function writeInput(graph: ProtobufWriter, value: ValueMessage): void {
  graph.message(11, (writer) => writeValue(writer, value));
}

/** Writes a value as a `GraphProto.output`. */
export function writeOutput(graph: ProtobufWriter, value: ValueMessage): void {
  graph.message(12, (writer) => writeValue(writer, value));
}

function writeValue(writer: ProtobufWriter, { name, type, shape }: ValueMessage): void {
  writer.text(1, name);
  writer.message(2, (valueType) =>
    valueType.message(1, (tensor) => {
      tensor.integer(1, DATA_TYPE[type]);
      tensor.message(2, (axes) => {
        for (const size of shape)
          axes.message(1, (axis) =>
            typeof size === "number" ? axis.integer(1, size) : axis.text(2, size),
          );
      });
    }),
  );
}

/** Writes the version of the operations of a domain as a `ModelProto.opset_import`. */
export function writeOpset(model: ProtobufWriter, domain: string, version: number): void {
  model.message(8, (opset) => {
    opset.text(1, domain);
    opset.integer(2, version);
  });
}
