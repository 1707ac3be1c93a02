import { EngineError } from "../engine-error.js";

/** Element types of a traced graph, by their ONNX names. */
export type ElementType = "float32" | "float16" | "int32" | "int64" | "bool";

/** ONNX `TensorProto.DataType`. */
export const DATA_TYPE: Readonly<Record<ElementType, number>> = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
};

export type AttributeValue = number | string | readonly number[] | { readonly float: number };
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** The result of a node, an input of the graph, or a constant. */
export interface Value {
  readonly id: number;
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly source:
    | { readonly kind: "input"; readonly name: string }
    | {
        readonly kind: "constant";
        readonly data: Float32Array | Int32Array | BigInt64Array | Uint8Array;
      }
    | { readonly kind: "splat"; readonly value: number }
    | { readonly kind: "node"; readonly node: Node; readonly output: number };
}

/** One ONNX operation. */
export interface Node {
  readonly operation: string;
  readonly domain: "" | "com.microsoft";
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Attributes;
  readonly outputs: Value[];
}

export interface NodeOutput {
  readonly shape: readonly number[];
  readonly type: ElementType;
}

export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/** A graph of ONNX operations under construction. Equal nodes are built once (common subexpressions). */
export interface Graph {
  input(name: string, shape: readonly number[], type: ElementType): Value;
  constant(
    data: Float32Array | Int32Array | BigInt64Array | Uint8Array,
    shape: readonly number[],
  ): Value;
  /** A tensor of one repeated number; kept symbolic until a node needs it dense. */
  splat(value: number, shape: readonly number[], type: ElementType): Value;
  node(
    operation: string,
    inputs: readonly (Value | undefined)[],
    outputs: readonly NodeOutput[],
    attributes?: Attributes,
    domain?: "" | "com.microsoft",
  ): Value[];
  /** A node with one output. */
  one(
    operation: string,
    inputs: readonly (Value | undefined)[],
    shape: readonly number[],
    type: ElementType,
    attributes?: Attributes,
    domain?: "" | "com.microsoft",
  ): Value;
  /** The same operation on other operands, and with other attributes where given. */
  like(node: Node, inputs: readonly (Value | undefined)[], attributes?: Attributes): Value[];
}

function constantType(data: Float32Array | Int32Array | BigInt64Array | Uint8Array): ElementType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Int32Array) return "int32";
  return data instanceof BigInt64Array ? "int64" : "bool";
}

/** A number as text that tells it from every other. */
const written = (number: number | bigint): string =>
  Object.is(number, -0) ? "-0" : String(number);

export function createGraph(): Graph {
  let nextId = 0;
  const known = new Map<string, Value[]>();
  const names = new Set<string>();

  const value = (shape: readonly number[], type: ElementType, source: Value["source"]): Value => ({
    id: nextId++,
    shape: [...shape],
    type,
    source,
  });
  const remember = (key: string, build: () => Value[]): Value[] => {
    const found = known.get(key);
    if (found) return found;
    const made = build();
    known.set(key, made);
    return made;
  };

  const graph: Graph = {
    input(name, shape, type) {
      if (names.has(name))
        throw new EngineError("engine/duplicate-input", `The program declares ${name} twice.`);
      names.add(name);
      return value(shape, type, { kind: "input", name });
    },
    constant(data, shape) {
      const type = constantType(data);
      const numbers = (): string => Array.from<number | bigint, string>(data, written).join();
      const key = data.length <= 16 ? `constant ${type} ${shape.join()} ${numbers()}` : undefined;
      const build = (): Value[] => [value(shape, type, { kind: "constant", data })];
      return (key === undefined ? build() : remember(key, build))[0] as Value;
    },
    splat(number, shape, type) {
      const key = `splat ${type} ${shape.join()} ${written(number)}`;
      return remember(key, () => [
        value(shape, type, { kind: "splat", value: number }),
      ])[0] as Value;
    },
    node(operation, inputs, outputs, attributes = {}, domain = "") {
      const key = `${domain} ${operation} ${inputs.map((input) => input?.id ?? "-").join()} ${JSON.stringify(attributes)} ${outputs
        .map((output) => `${output.type}[${output.shape.join()}]`)
        .join()}`;
      return remember(key, () => {
        const node: Node = { operation, domain, inputs, attributes, outputs: [] };
        outputs.forEach((output, index) =>
          node.outputs.push(
            value(output.shape, output.type, { kind: "node", node, output: index }),
          ),
        );
        return node.outputs;
      });
    },
    one(operation, inputs, shape, type, attributes, domain) {
      return graph.node(operation, inputs, [{ shape, type }], attributes, domain)[0] as Value;
    },
    like({ operation, outputs, attributes, domain }, inputs, others = attributes) {
      return graph.node(operation, inputs, outputs, others, domain);
    },
  };
  return graph;
}

/** The same numbers in another type. */
export const castTo = (graph: Graph, value: Value, type: ElementType): Value =>
  graph.one("Cast", [value], value.shape, type, { to: DATA_TYPE[type] });

/**
 * Nodes the given values depend on, each after all it reads (depth first, so short-lived values stay short-lived).
 *
 * @param start which operand of a node to follow first
 */
export function reachable(values: readonly Value[], start: "first" | "last" = "first"): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack: { node: Node; next: number }[] = [];
  const push = (value: Value | undefined): void => {
    if (value?.source.kind !== "node" || seen.has(value.source.node)) return;
    seen.add(value.source.node);
    stack.push({ node: value.source.node, next: 0 });
  };
  for (const value of values) {
    push(value);
    while (stack.length > 0) {
      const top = stack[stack.length - 1] as { node: Node; next: number };
      const { inputs } = top.node;
      if (top.next < inputs.length) {
        push(inputs[start === "first" ? top.next : inputs.length - 1 - top.next]);
        top.next += 1;
      } else {
        order.push(top.node);
        stack.pop();
      }
    }
  }
  return order;
}

/** The nodes that read each value, by the value's id; a node that reads a value twice stands there twice. */
export function readersOf(nodes: readonly Node[]): ReadonlyMap<number, readonly Node[]> {
  const readers = new Map<number, Node[]>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      if (!input) continue;
      const list = readers.get(input.id);
      if (list) list.push(node);
      else readers.set(input.id, [node]);
    }
  }
  return readers;
}
