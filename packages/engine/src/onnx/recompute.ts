import { integers } from "../trace/context.js";
import { castTo, reachable, sizeOf, type Graph, type Node, type Value } from "../trace/graph.js";

/** A traced step, and where its forward pass may be cut. */
export interface RecomputeOptions {
  readonly graph: Graph;
  readonly outputs: Readonly<Record<string, Value>>;
  /** The output whose computation is the forward pass. */
  readonly loss: Value;
  /** Values to keep, in the order they were made: the activations between layers. */
  readonly checkpoints: readonly Value[];
  /**
   * How a value is made to wait: by its `shape`, which a processor reads and which costs nothing there, or by the `sum` with
   * a zero, a pass over it, where a shape must be known before a device begins. Default `shape`.
   */
  readonly waitBy?: "shape" | "sum";
}

/**
 * Activation checkpointing (Chen et al., 2016): of the forward pass only the checkpoints are kept for the backward pass,
 * which computes everything between two of them anew when it gets there. Costs at most one more forward pass; the memory
 * of activations falls to the checkpoints and one segment between two. Results keep their bits.
 *
 * Everything before the first checkpoint and after the last is kept as it is, and so is all that does not depend on a
 * checkpoint (weights that are being grown, masks).
 *
 * @returns the outputs, rewritten
 */
export function recomputeActivations(options: RecomputeOptions): Record<string, Value> {
  const { graph, outputs, loss, checkpoints, waitBy = "shape" } = options;
  const after = waitBy === "shape" ? afterByShape : afterBySum;
  const forward = new Set(reachable([loss]));
  const all = reachable(Object.values(outputs));
  const order = new Map(checkpoints.map(({ id }, index) => [id, index]));
  const segments = segmentsOf(forward, order);
  /** The segment a backward operation takes an activation of, if that one is to be computed anew. */
  const recomputed = (value: Value | undefined): number | undefined => {
    if (value?.source.kind !== "node" || order.has(value.id)) return undefined;
    const segment = segments.get(value.source.node) ?? -1;
    return segment >= 0 && segment < checkpoints.length - 1 ? segment : undefined;
  };
  const triggers = triggersOf(
    all.filter((node) => !forward.has(node)),
    segments,
    order,
  );

  const clones = new Map<Node, Value[]>();
  const rewritten = new Map<Node, Value[]>();
  const clone = (value: Value): Value => {
    const { source } = value;
    if (source.kind !== "node") return value;
    const made = clones.get(source.node) ?? again(source.node);
    clones.set(source.node, made);
    return made[source.output] as Value;
  };
  const again = (node: Node): Value[] => {
    const segment = segments.get(node) as number;
    const operands = node.inputs.map((operand) => {
      if (operand === undefined) return operand;
      if (order.get(operand.id) === segment)
        return after(graph, operand, replace(triggers.get(segment) as Value));
      return recomputed(operand) === segment ? clone(operand) : operand;
    });
    return graph.like(node, operands);
  };
  const replace = (value: Value): Value => {
    const { source } = value;
    if (source.kind !== "node") return value;
    const known = rewritten.get(source.node);
    if (known) return known[source.output] as Value;
    const segment = recomputed(value);
    return segment !== undefined && triggers.has(segment) ? clone(value) : value;
  };
  // Operands of triggers come first, from the last segment to the first: a clone waits for the trigger as rewritten.
  const waits = [...triggers].toSorted(([a], [b]) => b - a).map(([, trigger]) => trigger);
  for (const node of [...waits.flatMap((trigger) => reachable([trigger])), ...all]) {
    if (forward.has(node) || rewritten.has(node)) continue;
    const operands = node.inputs.map((operand) => operand && replace(operand));
    const isSame = operands.every((operand, index) => operand === node.inputs[index]);
    rewritten.set(node, isSame ? node.outputs : graph.like(node, operands));
  }
  return Object.fromEntries(
    Object.entries(outputs).map(([key, value]) => [
      key,
      value.source.kind === "node" && rewritten.has(value.source.node) ? replace(value) : value,
    ]),
  );
}

/** The last checkpoint each operation of the forward pass depends on; absent where it depends on none. */
function segmentsOf(
  forward: ReadonlySet<Node>,
  order: ReadonlyMap<number, number>,
): ReadonlyMap<Node, number> {
  const segments = new Map<Node, number>();
  for (const node of forward) {
    const last = Math.max(
      -1,
      ...node.inputs.map((operand) => {
        if (operand === undefined) return -1;
        const own = order.get(operand.id);
        if (own !== undefined) return own;
        return operand.source.kind === "node" ? (segments.get(operand.source.node) ?? -1) : -1;
      }),
    );
    if (last >= 0) segments.set(node, last);
  }
  return segments;
}

/**
 * For each segment a value the backward pass has when it gets there: an operand, of the first operation that takes an
 * activation of the segment, that the next segment's activations went into, but none of this or an earlier segment's.
 */
function triggersOf(
  backward: readonly Node[],
  segments: ReadonlyMap<Node, number>,
  order: ReadonlyMap<number, number>,
): ReadonlyMap<number, Value> {
  const earliest = new Map<Node, number>();
  const earliestOf = (value: Value | undefined): number => {
    if (value?.source.kind !== "node") return Number.POSITIVE_INFINITY;
    const { node } = value.source;
    const known = order.get(value.id) ?? earliest.get(node) ?? segments.get(node);
    return known ?? Number.POSITIVE_INFINITY;
  };
  const triggers = new Map<number, Value>();
  for (const node of backward) {
    const segment = Math.min(...node.inputs.map(earliestOf), Number.POSITIVE_INFINITY);
    earliest.set(node, segment);
    if (triggers.has(segment)) continue;
    const gradient = node.inputs.find(
      (operand) =>
        operand?.source.kind === "node" &&
        earliest.has(operand.source.node) &&
        earliestOf(operand) === segment + 1,
    );
    if (gradient) triggers.set(segment, gradient);
  }
  return triggers;
}

/** A truth that is false and known only once `trigger` is computed, of shape [1]. */
function falseAfter(graph: Graph, trigger: Value): Value {
  const flat = graph.one(
    "Reshape",
    [trigger, graph.constant(integers([-1]), [1])],
    [sizeOf(trigger.shape)],
    trigger.type,
  );
  const bounds = [0, 1, 0].map((bound) => graph.constant(integers([bound]), [1]));
  const first = graph.one("Slice", [flat, ...bounds], [1], trigger.type);
  // No number is greater than infinity, but that is for the runtime to find out.
  const infinity = graph.splat(Number.POSITIVE_INFINITY, [], "float32");
  return graph.one("Greater", [first, infinity], [1], "bool");
}

/** The same numbers in the same memory, but not before `trigger` is computed. */
function afterByShape(graph: Graph, value: Value, trigger: Value): Value {
  const zero = castTo(graph, falseAfter(graph, trigger), "int64");
  const shape = graph.one(
    "Add",
    [graph.constant(integers(value.shape), [value.shape.length]), zero],
    [value.shape.length],
    "int64",
  );
  return graph.one("Reshape", [value, shape], value.shape, value.type);
}

/** The same numbers, but not before `trigger` is computed. */
function afterBySum(graph: Graph, value: Value, trigger: Value): Value {
  const zero = castTo(graph, falseAfter(graph, trigger), "float32");
  return graph.one("Add", [value, zero], value.shape, value.type);
}
