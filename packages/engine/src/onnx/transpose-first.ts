import { reachable, sizeOf, type Node, type Value } from "../trace/graph.js";
import type { TracedProgram } from "../trace/trace.js";
import { rewrite } from "./rewrite.js";

/** Columns of a result that onnxruntime's kernel makes at a time; it transposes a left side anew for each so many. */
const KERNEL_COLUMNS = 128;
/** Cost of transposing an element as an operation of its own, where its turn in the kernel costs a half. */
const ELEMENT_COST = 2;
/** Smallest cost that is worth operations of their own. */
const SMALLEST_COST = 1 << 18;
/** How much dearer the kernel's way must be: estimates of gains that are smaller have proved wrong. */
const MARGIN = 1.35;

/** A^T B for A [inner, m] and B [inner, n], A as it is. */
interface TransposedLeft {
  readonly node: Node;
  readonly a: Value;
  readonly b: Value;
}

function transposedLeft(node: Node): TransposedLeft | undefined {
  const { operation, inputs, attributes } = node;
  const isOne = operation === "Gemm" && attributes["transA"] === 1 && attributes["transB"] !== 1;
  const [a, b] = inputs as [Value, Value];
  return isOne ? { node, a, b } : undefined;
}

const inKernel = ({ a, b }: TransposedLeft): number =>
  (sizeOf(a.shape) * Math.ceil((b.shape[1] as number) / KERNEL_COLUMNS)) / 2;
const leftFirst = ({ a }: TransposedLeft): number => ELEMENT_COST * sizeOf(a.shape);
const total = (
  products: readonly TransposedLeft[],
  cost: (product: TransposedLeft) => number,
): number => products.reduce((sum, product) => sum + cost(product), 0);

type Way = "left" | "swapped";

/** How each product is formed that should not be left to the kernel. */
function chooseWays(products: readonly TransposedLeft[]): ReadonlyMap<Node, Way> {
  const byRight = new Map<Value, TransposedLeft[]>();
  for (const product of products)
    byRight.set(product.b, [...(byRight.get(product.b) ?? []), product]);
  const ways = new Map<Node, Way>();
  for (const [b, readers] of byRight) {
    if (total(readers, inKernel) <= SMALLEST_COST) continue;
    const alone = total(readers, (one) => Math.min(inKernel(one), MARGIN * leftFirst(one)));
    const swapped =
      ELEMENT_COST *
      (sizeOf(b.shape) + total(readers, ({ node }) => sizeOf((node.outputs[0] as Value).shape)));
    const isSwapped = MARGIN * swapped <= alone;
    for (const product of readers) {
      if (isSwapped) ways.set(product.node, "swapped");
      else if (MARGIN * leftFirst(product) < inKernel(product)) ways.set(product.node, "left");
    }
  }
  return ways;
}

/**
 * Products A^T B, such as the gradient of every weight: onnxruntime's kernel reads A against its grain, and again for every
 * 128 columns of the result. Where that takes longer, A is transposed first, or B is - once for all products with it - and
 * then the result of the swapped product.
 */
export function transposeFirst(program: TracedProgram): TracedProgram {
  const { graph, outputs } = program;
  const nodes = reachable(Object.values(outputs));
  const ways = chooseWays(nodes.flatMap((node) => transposedLeft(node) ?? []));
  const transpose = (x: Value): Value =>
    graph.one("Transpose", [x], x.shape.toReversed(), x.type, { perm: [1, 0] });
  const multiply = (left: Value, right: Value, { attributes }: Node): Value =>
    graph.one(
      "FusedMatMul",
      [left, right],
      [left.shape[0] as number, right.shape[1] as number],
      "float32",
      { ...attributes, transA: 0 },
      "com.microsoft",
    );
  return rewrite(program, nodes, (node, operands) => {
    const way = ways.get(node);
    const [a, b] = operands as [Value, Value];
    if (way === "left") return [multiply(transpose(a), b, node)];
    return way && [transpose(multiply(transpose(b), a, node))];
  });
}
