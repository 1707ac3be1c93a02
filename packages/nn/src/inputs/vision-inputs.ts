import * as tf from "@ligo/tfjs";
import { linear } from "../blocks/linear.js";
import type { Batch } from "../model.js";
import { asTensor, type Parameters } from "../parameters.js";

/** Height and width. */
type Sides = readonly [height: number, width: number];

/** `pixel_values` of a batch, [batch, channels, height, width]. */
export function pixelValues(batch: Batch): tf.Tensor4D {
  return batch["pixel_values"] as tf.Tensor4D;
}

/**
 * Images cut into patches, each flattened channel by channel: [batch, channels, height, width] to
 * [batch * patches, channels * patch height * patch width], patches row by row.
 */
export function imagePatches(images: tf.Tensor4D, [patchHeight, patchWidth]: Sides): tf.Tensor2D {
  const [batch, channels, height, width] = images.shape;
  const [rows, columns] = [height / patchHeight, width / patchWidth];
  return images
    .reshape([batch, channels, rows, patchHeight, columns, patchWidth])
    .transpose([0, 2, 4, 1, 3, 5])
    .reshape([batch * rows * columns, channels * patchHeight * patchWidth]);
}

/** The reverse: [batch * patches, channels * patch height * patch width] to images of so many rows of patches. */
export function joinPatches(
  patches: tf.Tensor2D,
  [patchHeight, patchWidth]: Sides,
  { rows, columns }: { readonly rows: number; readonly columns: number },
): tf.Tensor4D {
  const [count, size] = patches.shape;
  const [batch, channels] = [count / (rows * columns), size / (patchHeight * patchWidth)];
  return patches
    .reshape([batch, rows, columns, channels, patchHeight, patchWidth])
    .transpose([0, 3, 1, 4, 2, 5])
    .reshape([batch, channels, rows * patchHeight, columns * patchWidth]);
}

/**
 * The convolution `name` whose stride is its kernel, as one product with the patches: [batch * patches, n].
 */
export function patchEmbeddings(
  p: Parameters,
  name: string,
  batch: Batch,
  patch: Sides,
): tf.Tensor2D {
  const weight = asTensor<tf.Tensor4D>(p.get(`${name}.weight`));
  const flat = weight.reshape<tf.Tensor2D>([weight.shape[0], -1]);
  return linear(imagePatches(pixelValues(batch), patch), flat, asTensor(p.get(`${name}.bias`)));
}

/**
 * Tokens of parameters [1, 1, n], then patches, each plus its position: [batch * (tokens + patches), n].
 *
 * @param patches [batch * patches, n]
 * @param tokens names of the tokens
 * @param positions name of the table [1, tokens + patches, n]
 */
export function placePatches(
  p: Parameters,
  patches: tf.Tensor2D,
  tokens: readonly string[],
  positions: string,
): tf.Tensor2D {
  const table = asTensor<tf.Tensor3D>(p.get(positions));
  const [, sequence, n] = table.shape;
  const count = sequence - tokens.length;
  const batch = patches.shape[0] / count;
  const images = patches.reshape<tf.Tensor3D>([batch, count, n]);
  if (tokens.length === 0) return images.add(table).reshape([batch * sequence, n]);
  // tokens are the same in every image: they are added to their positions once
  const first = tokens.map((name) => asTensor<tf.Tensor3D>(p.get(name)));
  const placed = table.add(tf.concat([...first, tf.zeros([1, count, n])], 1));
  const behind = tf.concat([tf.zeros<tf.Rank.R3>([batch, tokens.length, n]), images], 1);
  return behind.add(placed).reshape([batch * sequence, n]);
}

/**
 * Stochastic depth of a layer as a batch holds it, `stochastic_depth` [layers, batch]: both branches of the layer are left
 * out together. `undefined` for a batch without.
 */
export function stochasticDepth(
  batch: Batch,
  layer: number,
): readonly [tf.Tensor1D, tf.Tensor1D] | undefined {
  const factors = batch["stochastic_depth"] as tf.Tensor2D | undefined;
  if (factors === undefined) return undefined;
  const row = factors.slice([layer, 0], [1, factors.shape[1]]).as1D();
  return [row, row];
}
