import { sizeOf, type Node, type Value } from "../trace/graph.js";

const PRODUCTS = new Set(["Gemm", "FusedMatMul", "MatMul"]);

/** Whether an operation multiplies matrices. */
export const isProduct = ({ operation }: Pick<Node, "operation">): boolean =>
  PRODUCTS.has(operation);

/** Multiply-add FLOPs (2 m n k) of all matrix products. */
export function matrixFlops(nodes: readonly Node[]): number {
  let flops = 0;
  for (const node of nodes) {
    if (!isProduct(node)) continue;
    const left = node.inputs[0] as Value;
    const inner = left.shape[
      left.shape.length - (node.attributes["transA"] === 1 ? 2 : 1)
    ] as number;
    flops += 2 * inner * sizeOf((node.outputs[0] as Value).shape);
  }
  return flops;
}
