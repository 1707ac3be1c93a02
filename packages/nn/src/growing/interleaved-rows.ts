import type { Interleaving } from "@ligo/core/operator";
import * as tf from "@ligo/tfjs";
import type { GrowingTensors } from "./growing-tensors.js";

const total = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);

/** The same tensors with the rows of sources that interleave space by space, as the maps know them. */
export function bySpaces(tensors: GrowingTensors): GrowingTensors {
  const expressions = new Map(tensors.expressions.map((one) => [one.parameter, one]));
  const made = new Map<string, tf.Tensor>();
  return {
    ...tensors,
    source(parameter) {
      const stored = tensors.source(parameter);
      const { interleaved, sourceShape = [] } = expressions.get(parameter) ?? {};
      if (interleaved === undefined) return stored;
      const axis = stored.rank - sourceShape.length;
      const known = made.get(parameter) ?? spaceBySpace(stored, interleaved.source, axis);
      made.set(parameter, known);
      return known;
    },
  };
}

/** Rows, along an axis, that stand block by block: space by space. */
function spaceBySpace(x: tf.Tensor, { blocks, sizes }: Interleaving, axis: number): tf.Tensor {
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const byBlock = x.reshape([...before, blocks, total(sizes), ...after]);
  const parts = tf.split(byBlock, [...sizes], axis + 1);
  return tf.concat(
    parts.map((part, index) => part.reshape([...before, blocks * (sizes[index] ?? 0), ...after])),
    axis,
  );
}

/** Rows of the first axis that stand space by space: block by block. */
export function blockByBlock(x: tf.Tensor, { blocks, sizes }: Interleaving): tf.Tensor {
  const after = x.shape.slice(1);
  const counts = sizes.map((size) => blocks * size);
  const parts = tf
    .split(x, counts, 0)
    .map((part, index) => part.reshape([blocks, sizes[index] ?? 0, ...after]));
  return tf.concat(parts, 1).reshape(x.shape);
}
