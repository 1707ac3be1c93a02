import type { KindMix } from "@ligo/core/operator";
import * as tf from "@ligo/tfjs";
import type { GrowingTensors } from "./growing-tensors.js";
import { unstack } from "./unstack.js";

/**
 * Makes the source layers [layers, ...shape] of parameters whose blocks are mixed from those of all matrices of a stack
 * (Mango). The blocks of a mixing matrix are made once.
 */
export function kindMixer(tensors: GrowingTensors): (mix: KindMix) => tf.Tensor {
  const made = new Map<string, readonly tf.Tensor3D[]>();
  return (mix) => {
    const known = made.get(mix.tensor) ?? mixedBlocks(mix, tensors);
    made.set(mix.tensor, known);
    return joinBlocks(mix, known);
  };
}

/** Blocks [layers, size, size], mixed by a matrix [new blocks, old blocks]. */
function mixedBlocks(
  { blocks, size, tensor }: KindMix,
  tensors: GrowingTensors,
): readonly tf.Tensor3D[] {
  const cut = blocks.map((block) => {
    const [row, column] = block.outAxis === 0 ? [block.out, block.in] : [block.in, block.out];
    const stack = tensors.source(block.parameter) as tf.Tensor3D;
    const part = stack.slice([0, row * size, column * size], [-1, size, size]);
    return block.outAxis === 0 ? part : part.transpose([0, 2, 1]);
  });
  const layers = cut[0]?.shape[0] ?? 0;
  const flat = tf.stack(cut).reshape<tf.Tensor2D>([blocks.length, -1]);
  return unstack(tf.matMul(tensors.depth(tensor), flat)).map((block) =>
    block.reshape<tf.Tensor3D>([layers, size, size]),
  );
}

/** The blocks of one parameter put together: each row of blocks side by side, the rows below each other. */
function joinBlocks({ first, own }: KindMix, blocks: readonly tf.Tensor3D[]): tf.Tensor {
  const rows = new Map<number, tf.Tensor3D[]>();
  for (const [index, { out }] of own.entries()) {
    const row = rows.get(out) ?? [];
    row.push(blocks[first + index] as tf.Tensor3D);
    rows.set(out, row);
  }
  const joined = [...rows.values()].map((row) =>
    row.length === 1 ? (row[0] as tf.Tensor3D) : tf.concat(row, 2),
  );
  const whole = joined.length === 1 ? (joined[0] as tf.Tensor3D) : tf.concat(joined, 1);
  return own[0]?.outAxis === 1 ? whole.transpose([0, 2, 1]) : whole;
}
