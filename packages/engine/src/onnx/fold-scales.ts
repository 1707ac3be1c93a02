import { reachable, readersOf, sizeOf, type Node, type Value } from "../trace/graph.js";
import type { TracedProgram } from "../trace/trace.js";
import { isProduct } from "./matrix-flops.js";
import { rewrite, type Replacement } from "./rewrite.js";

/** A value times a number. */
interface Scaled {
  readonly value: Value;
  readonly factor: number;
}

function scaledBy({ source, shape, type }: Value): Scaled | undefined {
  if (source.kind !== "node" || source.node.operation !== "Mul" || type !== "float32")
    return undefined;
  const [a, b] = source.node.inputs as [Value, Value];
  for (const [value, factor] of [
    [a, b],
    [b, a],
  ] as const) {
    const isNumber = factor.source.kind === "splat" && sizeOf(factor.shape) === 1;
    if (isNumber && value.shape.join() === shape.join())
      return { value, factor: (factor.source as { value: number }).value };
  }
  return undefined;
}

/**
 * Numbers that a matrix product, with or without a row added to it, or its operands are multiplied by become the product's
 * own `alpha`, which costs nothing: no pass over what is multiplied. Only where nothing else reads what would no longer be
 * computed.
 */
export function foldScales(program: TracedProgram): TracedProgram {
  const { graph, outputs, checkpoints } = program;
  const nodes = reachable(Object.values(outputs));
  const readers = readersOf(nodes);
  const kept = new Set([...Object.values(outputs), ...checkpoints].map(({ id }) => id));
  const isReadOnlyBy = (value: Value, fits: (reader: Node) => boolean): boolean =>
    !kept.has(value.id) && (readers.get(value.id) ?? []).every(fits);

  const scaled = (product: Node, operands: Node["inputs"], factor: number): Value => {
    const alpha = (product.attributes["alpha"] as { float: number }).float * factor;
    const attributes = { ...product.attributes, alpha: { float: alpha } };
    return graph.like(product, operands, attributes)[0] as Value;
  };
  /** A product, its operands perhaps multiplied by numbers. */
  const ofScaled = (product: Node, operands: Node["inputs"]): Value => {
    let factor = 1;
    const plain = operands.map((operand, index) => {
      const times = scaledBy(operand as Value);
      if (!times || !isReadOnlyBy(product.inputs[index] as Value, isProduct)) return operand;
      factor *= times.factor;
      return times.value;
    });
    return scaled(product, plain, factor);
  };
  /** `factor` times a value that only `reader` reads, if it is a product, or one and a row. */
  const scaledProduct = (
    value: Value,
    reader: Node,
    factor: number,
    replaced: Replacement,
  ): Value | undefined => {
    if (value.source.kind !== "node" || !isReadOnlyBy(value, (node) => node === reader))
      return undefined;
    const { node } = value.source;
    const current = replaced(value);
    if (current.source.kind === "node" && isProduct(current.source.node))
      return scaled(current.source.node, current.source.node.inputs, factor);
    const [product, row] = node.inputs as [Value, Value];
    if (node.operation !== "Add" || sizeOf(row.shape) !== value.shape.at(-1)) return undefined;
    const sum = scaledProduct(product, node, factor, replaced);
    if (!sum) return undefined;
    const number = graph.splat(factor, [], "float32");
    const scaledRow = graph.one("Mul", [replaced(row), number], row.shape, "float32");
    return graph.one("Add", [sum, scaledRow], value.shape, "float32");
  };

  return rewrite(program, nodes, (node, operands, replaced) => {
    if (isProduct(node)) return [ofScaled(node, operands)];
    const times = scaledBy(node.outputs[0] as Value);
    const folded = times && scaledProduct(times.value, node, times.factor, replaced);
    return folded && [folded];
  });
}
