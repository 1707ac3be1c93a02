import { createProtobufWriter } from "../protobuf.js";
import { sizeOf, type ElementType, type Node, type Value } from "../trace/graph.js";
import { writeInitialiser, writeNode } from "./messages.js";

/** Splats up to this many elements become constants; larger ones are expanded at run time. */
const DENSE_SPLAT_LIMIT = 64;

/** Writes operations, and each constant before the first operation that reads it. */
export interface GraphWriter {
  /** Inputs of the graph that are read, by name. */
  readonly inputs: ReadonlyMap<string, Value>;
  /** Name of a value. */
  nameOf(value: Value): string;
  node(node: Node): void;
  /** Writes a node that hands a value on under another name. */
  alias(value: Value, name: string): void;
  /** `GraphProto.node` and `GraphProto.initializer` of all that was written. */
  finish(): { readonly nodes: Uint8Array; readonly initialisers: Uint8Array };
}

export function createGraphWriter(): GraphWriter {
  const nodes = createProtobufWriter();
  const initialisers = createProtobufWriter();
  const inputs = new Map<string, Value>();
  const written = new Set<number>();

  const expand = ({ type, shape }: Value, name: string, scalar: number): void => {
    const [scalarName, shapeName] = [`${name}_scalar`, `${name}_shape`];
    const one = denseSplat(scalar, type, 1);
    writeInitialiser(initialisers, { name: scalarName, type, shape: [], raw: one });
    const raw = new Uint8Array(BigInt64Array.from(shape, BigInt).buffer);
    writeInitialiser(initialisers, { name: shapeName, type: "int64", shape: [shape.length], raw });
    writeNode(nodes, { operation: "Expand", inputs: [scalarName, shapeName], outputs: [name] });
  };
  const writeSource = (value: Value, name: string): void => {
    const { source, type, shape } = value;
    if (source.kind === "input") inputs.set(name, value);
    else if (source.kind === "constant") {
      const { buffer, byteOffset, byteLength } = source.data;
      const raw = new Uint8Array(buffer, byteOffset, byteLength);
      writeInitialiser(initialisers, { name, type, shape, raw });
    } else if (source.kind === "splat") {
      const size = sizeOf(shape);
      if (size > DENSE_SPLAT_LIMIT) return expand(value, name, source.value);
      const raw = denseSplat(source.value, type, size);
      writeInitialiser(initialisers, { name, type, shape, raw });
    }
  };
  /** Name of a value that is read: an input, a constant or a splat is written where it is read first. */
  const use = (value: Value): string => {
    const name = nameOf(value);
    if (!written.has(value.id)) {
      written.add(value.id);
      writeSource(value, name);
    }
    return name;
  };
  return {
    inputs,
    nameOf,
    node({ operation, inputs: operands, outputs, attributes, domain }) {
      const names = operands.map((operand) => (operand ? use(operand) : ""));
      writeNode(nodes, {
        operation,
        inputs: names,
        outputs: outputs.map(nameOf),
        attributes,
        domain,
      });
    },
    alias(value, name) {
      writeNode(nodes, { operation: "Identity", inputs: [use(value)], outputs: [name] });
    },
    finish: () => ({ nodes: nodes.finish(), initialisers: initialisers.finish() }),
  };
}

const nameOf = ({ id, source }: Value): string =>
  source.kind === "input" ? source.name : `${source.kind}_${id}`;

function denseSplat(value: number, type: ElementType, size: number): Uint8Array {
  if (type === "float32") return new Uint8Array(new Float32Array(size).fill(value).buffer);
  if (type === "int32") return new Uint8Array(new Int32Array(size).fill(value).buffer);
  if (type === "int64") return new Uint8Array(new BigInt64Array(size).fill(BigInt(value)).buffer);
  return new Uint8Array(size).fill(value);
}
