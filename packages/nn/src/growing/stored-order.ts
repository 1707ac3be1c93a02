import type { Expression, Interleaving } from "@ligo/core/operator";
import * as tf from "@tensorflow/tfjs";
import type { GrowingTensors } from "./growing-tensors.js";

const total = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);

/** The same tensors with sources as the maps know them: rows space by space, and gains that are stored less one whole. */
export function asModelled(tensors: GrowingTensors): GrowingTensors {
  const changed = new Map(
    tensors.expressions
      .filter(({ interleaved, offset = 0 }) => interleaved !== undefined || offset !== 0)
      .map((expression) => [expression.parameter, expression]),
  );
  if (changed.size === 0) return tensors;
  const made = new Map<string, tf.Tensor>();
  return {
    ...tensors,
    source(parameter) {
      const stored = tensors.source(parameter);
      const expression = changed.get(parameter);
      if (expression === undefined) return stored;
      const { interleaved, offset = 0, sourceShape } = expression;
      const rows = stored.rank - sourceShape.length;
      const known =
        made.get(parameter) ??
        (interleaved === undefined
          ? stored.add(offset)
          : bySpace(stored, interleaved.source, rows));
      made.set(parameter, known);
      return known;
    },
  };
}

/** A grown tensor as it is stored. */
export function asStored({ interleaved, offset = 0 }: Expression, grown: tf.Tensor): tf.Tensor {
  const ordered = interleaved === undefined ? grown : blockByBlock(grown, interleaved.target);
  return offset === 0 ? ordered : ordered.sub(offset);
}

/** Rows, of the axis `axis`, that stand block by block: space by space. */
function bySpace(x: tf.Tensor, { blocks, sizes }: Interleaving, axis: number): tf.Tensor {
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const split = tf.split(
    x.reshape([...before, blocks, total(sizes), ...after]),
    [...sizes],
    axis + 1,
  );
  return tf.concat(
    split.map((part, index) => part.reshape([...before, blocks * (sizes[index] ?? 0), ...after])),
    axis,
  );
}

/** Rows of the first axis that stand space by space: block by block. */
function blockByBlock(x: tf.Tensor, { blocks, sizes }: Interleaving): tf.Tensor {
  const after = x.shape.slice(1);
  const parts = tf.split(
    x,
    sizes.map((size) => blocks * size),
    0,
  );
  return tf
    .concat(
      parts.map((part, index) => part.reshape([blocks, sizes[index] ?? 0, ...after])),
      1,
    )
    .reshape(x.shape);
}
