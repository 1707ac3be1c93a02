import { reachable, readersOf, type Node, type Value } from "../trace/graph.js";

/** Operations whose result at an index depends on their operands at that index alone, read before it is written. */
const ELEMENTWISE = new Set(["Add", "Sub", "Mul", "Div", "Where"]);
/** Operations that put numbers made before them to their place. */
const MOVES = new Set(["Split", "Reshape"]);
/** Operations whose result shares its operand's memory, or that onnxruntime fuses into what reads the result. */
const VIEWS = new Set(["Reshape", "Identity", "Transpose"]);

/** A step as far as its state is concerned. */
export interface InPlaceQuestion {
  readonly inputs: ReadonlyMap<string, Value>;
  readonly outputs: Readonly<Record<string, Value>>;
}

/**
 * Which state tensors a step may overwrite where they lie: `updated` comes from an element-wise operation of the same
 * shape, or is moved from what was made of several tensors together, and everything else that reads the old value (or a
 * view of it) runs before that operation because the operation depends on it. With clipping by global norm that holds for
 * every parameter and moment. An old value that the step itself hands back is copied at no fixed time, so it is never
 * overwritten.
 *
 * @param outputs what the step hands back: new state (`state/<name>`) and outputs; `inputs` likewise
 * @returns names of state tensors that are safe to write in place.
 */
export function inPlaceStates({ inputs, outputs }: InPlaceQuestion): Set<string> {
  const returned = Object.values(outputs);
  const nodes = reachable(returned);
  const states = new Map<string, { before: Value; updated: Value }>();
  for (const [key, updated] of Object.entries(outputs)) {
    const before = inputs.get(key);
    if (before && key.startsWith("state/"))
      states.set(key.slice("state/".length), { before, updated });
  }
  const readers = readersOf(nodes);
  const position = new Map(nodes.map((node, index) => [node, index]));
  const allReaders = (value: Value): Node[] =>
    (readers.get(value.id) ?? []).flatMap((node) =>
      VIEWS.has(node.operation) ? [node, ...node.outputs.flatMap(allReaders)] : [node],
    );
  const ancestors = (node: Node): Uint8Array => {
    const found = new Uint8Array(nodes.length);
    const stack = [node];
    while (stack.length > 0) {
      for (const input of (stack.pop() as Node).inputs) {
        if (input?.source.kind !== "node") continue;
        const at = position.get(input.source.node) as number;
        if (found[at]) continue;
        found[at] = 1;
        stack.push(input.source.node);
      }
    }
    return found;
  };
  const safe = new Set<string>();
  for (const [name, { before, updated }] of states) {
    if (updated.source.kind !== "node" || returned.some(({ id }) => id === before.id)) continue;
    const writer = updated.source.node;
    const sameShape = updated.shape.join() === before.shape.join();
    const operandsMatch = writer.inputs.every(
      (input) => input?.id !== before.id || input.shape.join() === updated.shape.join(),
    );
    const readings = allReaders(before);
    const isElementwise = ELEMENTWISE.has(writer.operation) && operandsMatch;
    const isMoved = MOVES.has(writer.operation) && !readings.includes(writer);
    if (!sameShape || !(isElementwise || isMoved)) continue;
    const runsBefore = ancestors(writer);
    if (readings.every((node) => node === writer || runsBefore[position.get(node) as number] === 1))
      safe.add(name);
  }
  return safe;
}
