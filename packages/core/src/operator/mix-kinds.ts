import type { Block } from "./blocks.js";
import type { KindMix } from "./expression.js";
import type { Matrix } from "./operator.js";
import { elementCount } from "../shape.js";

/**
 * A source tensor whose blocks are mixtures of the blocks of all matrices of its layer, sum over c of K[b, c] block c.
 *
 * @param shape of the tensor and of what comes out, row-major
 * @param read gives the numbers of the matrix that a block is of, in one layer, and how many there are
 */
export async function mixKinds(
  mix: KindMix,
  kinds: Matrix,
  shape: readonly number[],
  read: (block: Block, numbers: number) => Promise<Float32Array>,
): Promise<Float32Array> {
  const { blocks, first, own, size } = mix;
  const sum = new Float64Array(elementCount(shape));
  for (const [column, block] of blocks.entries()) {
    const weights = own.map(
      (_, row) => kinds.data[(first + row) * kinds.columns + column] as number,
    );
    if (weights.every((weight) => weight === 0)) continue;
    const of = blocks.filter(({ parameter }) => parameter === block.parameter);
    const data = await read(block, of.length * size * size);
    const from = view(block, data, columnsOf(of, size), size);
    for (const [row, target] of own.entries()) {
      const weight = weights[row] as number;
      if (weight === 0) continue;
      const to = view(target, sum, shape[1] as number, size);
      for (let out = 0; out < size; out++) {
        for (let input = 0; input < size; input++) {
          const at = to.index(out, input);
          sum[at] = (sum[at] as number) + weight * (from.data[from.index(out, input)] as number);
        }
      }
    }
  }
  return Float32Array.from(sum);
}

/** Columns of a matrix, from the furthest of its blocks. */
function columnsOf(blocks: readonly Block[], size: number): number {
  const last = blocks.map((block) => (block.outAxis === 0 ? block.in : block.out));
  return (Math.max(...last) + 1) * size;
}

function view(
  block: Block,
  data: Float32Array | Float64Array,
  columns: number,
  size: number,
): { readonly data: Float32Array | Float64Array; index(out: number, input: number): number } {
  const [outStart, inStart] = [block.out * size, block.in * size];
  return {
    data,
    index: (out, input) =>
      block.outAxis === 0
        ? (outStart + out) * columns + inStart + input
        : (inStart + input) * columns + outStart + out,
  };
}
