import { castTo, reachable, type Graph, type Node, type Value } from "../trace/graph.js";
import type { TracedProgram } from "../trace/trace.js";
import type { Program } from "../program.js";
import { isProduct } from "./matrix-flops.js";
import { rewrite } from "./rewrite.js";

/** Operations that put the numbers of their first operand elsewhere and leave them as they are. */
export const MOVES: ReadonlySet<string> = new Set(["Reshape", "Transpose"]);

/** Whether a device multiplies float16 itself, or float32 that was rounded to it before and after. */
export type HalfArithmetic = "native" | "rounded";

/**
 * A program whose matrix products are made of float16, rounded to nearest, and everything else of float32: each operand is
 * rounded once for all products that read it, and each product is widened before its scale is applied. A result that goes
 * into another product as it is, or moved, stays in float16 between them.
 */
export function halfProducts(program: TracedProgram, arithmetic: HalfArithmetic): TracedProgram {
  const { graph } = program;
  const halves = createHalves(graph);
  return rewrite(program, reachable(Object.values(program.outputs)), (node, operands) => {
    if (!isProduct(node)) return undefined;
    const rounded = operands.map((operand) => operand && halves(operand));
    return [widenedProduct(graph, node, rounded, arithmetic)];
  });
}

/** A traced program with products of the precision that the program asks for. */
export const inPrecision = (
  { precision }: Program,
  traced: TracedProgram,
  arithmetic: HalfArithmetic,
): TracedProgram => (precision === "f16" ? halfProducts(traced, arithmetic) : traced);

/** Rounds values to float16, each once. */
function createHalves(graph: Graph): (value: Value) => Value {
  /** The same numbers in float16 where they are made of such. */
  const held = ({ shape, source }: Value): Value | undefined => {
    if (source.kind !== "node") return undefined;
    const { attributes, inputs, operation } = source.node;
    const [first, ...rest] = inputs as readonly [Value, ...Value[]];
    if (operation === "Cast" && first.type === "float16") return first;
    if (!MOVES.has(operation)) return undefined;
    const moved = held(first);
    return moved && graph.one(operation, [moved, ...rest], shape, "float16", attributes);
  };
  return (value) => held(value) ?? castTo(graph, value, "float16");
}

/** A product of operands in float16, in float32 from its scale on. */
function widenedProduct(
  graph: Graph,
  node: Node,
  operands: Node["inputs"],
  arithmetic: HalfArithmetic,
): Value {
  const { attributes, domain, operation, outputs } = node;
  const { shape } = outputs[0] as Value;
  const { float: alpha } = attributes["alpha"] as { readonly float: number };
  const plain = { ...attributes, alpha: { float: 1 } };
  const multiply = (factors: Node["inputs"], type: "float16" | "float32"): Value =>
    graph.one(operation, factors, shape, type, plain, domain);
  const widened = (value: Value | undefined): Value | undefined =>
    value && castTo(graph, value, "float32");
  const half =
    arithmetic === "native"
      ? multiply(operands, "float16")
      : castTo(graph, multiply(operands.map(widened), "float32"), "float16");
  const product = castTo(graph, half, "float32");
  if (alpha === 1) return product;
  return graph.one("Mul", [product, graph.splat(alpha, [], "float32")], shape, "float32");
}
