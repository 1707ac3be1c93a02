import type { Node, Value } from "../trace/graph.js";
import type { TracedProgram } from "../trace/trace.js";

/** Replaces a value of the program. */
export type Replacement = (value: Value) => Value;

/**
 * A program with other operations: `change` gives what takes the place of a node's outputs, or nothing where the same
 * operation on the replaced operands does.
 *
 * @param nodes all that the program's outputs depend on, each after what it reads
 * @param change gets a node, what its operands were replaced by, and the replacement of any earlier value
 */
export function rewrite(
  program: TracedProgram,
  nodes: readonly Node[],
  change: (node: Node, operands: Node["inputs"], replaced: Replacement) => Value[] | undefined,
): TracedProgram {
  const made = new Map<Node, Value[]>();
  const replaced: Replacement = (value) =>
    value.source.kind === "node"
      ? ((made.get(value.source.node) ?? value.source.node.outputs)[value.source.output] as Value)
      : value;
  for (const node of nodes) {
    const operands = node.inputs.map((operand) => operand && replaced(operand));
    const changed = change(node, operands, replaced);
    if (changed) made.set(node, changed);
    else if (operands.some((operand, index) => operand !== node.inputs[index]))
      made.set(node, program.graph.like(node, operands));
  }
  return {
    ...program,
    outputs: Object.fromEntries(
      Object.entries(program.outputs).map(([key, value]) => [key, replaced(value)]),
    ),
    checkpoints: program.checkpoints.map(replaced),
  };
}
