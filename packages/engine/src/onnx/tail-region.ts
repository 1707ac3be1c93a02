import { reachable, readersOf, sizeOf, type Node, type Value } from "../trace/graph.js";

/** Operations whose result at an index depends on their operands at that index, or on scalars. */
const ELEMENTWISE = new Set(["Add", "Sub", "Mul", "Div", "Sqrt", "Neg", "Max", "Min"]);

/** Element-wise nodes that nothing but tiled states and other such nodes read. */
export function tailRegion(
  outputs: Readonly<Record<string, Value>>,
  tailed: ReadonlySet<number>,
): ReadonlySet<Node> {
  const nodes = reachable(Object.values(outputs));
  const returned = new Set(Object.values(outputs).map(({ id }) => id));
  const readers = readersOf(nodes);
  const region = new Set<Node>();
  // every reader of a node comes after it, so going backwards sees readers first
  for (const node of nodes.toReversed()) {
    const [output] = node.outputs;
    if (
      !output ||
      node.outputs.length > 1 ||
      node.domain !== "" ||
      !ELEMENTWISE.has(node.operation)
    )
      continue;
    const fits = node.inputs.every(
      (operand) =>
        operand && (sizeOf(operand.shape) === 1 || operand.shape.join() === output.shape.join()),
    );
    const kept = returned.has(output.id) ? tailed.has(output.id) : true;
    const read = readers.get(output.id) ?? [];
    const onlyTails = read.every(
      (reader) => region.has(reader) && reader.outputs[0]?.shape.join() === output.shape.join(),
    );
    if (
      fits &&
      kept &&
      onlyTails &&
      sizeOf(output.shape) > 1 &&
      (read.length > 0 || tailed.has(output.id))
    )
      region.add(node);
  }
  return region;
}
