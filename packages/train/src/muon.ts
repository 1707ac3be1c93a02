import { MUON_ITERATIONS } from "@ligo/core/cost";
import type { MatrixParts } from "@ligo/core/layout";
import * as tf from "@ligo/tfjs";
import {
  ADAMW_DEFAULTS,
  adamW,
  clippedGradients,
  unlessStill,
  type AdamWOptions,
  type Slot,
  type UpdatedSlot,
} from "./adamw.js";
import { TrainingError } from "./training-error.js";

export interface MuonOptions extends AdamWOptions {
  /** Decay of the momentum of matrices; `beta1` is that of all other tensors. Default 0.95. */
  readonly momentum?: number | undefined;
}

/** A matrix that Muon moves: it keeps no second moment. */
export interface MatrixSlot extends Omit<Slot, "secondMoment"> {
  readonly matrix: MatrixParts;
}

/** A tensor after an update; without a second moment where none is kept. */
export type MuonUpdated = Omit<UpdatedSlot, "secondMoment"> &
  Partial<Pick<UpdatedSlot, "secondMoment">>;

const isMatrix = (slot: Slot | MatrixSlot): slot is MatrixSlot => "matrix" in slot;

/** Coefficients of the quintic of Jordan et al., chosen for a steep slope at zero. */
const [A, B, C] = [3.4445, -4.775, 2.0315] as const;
/** Smallest norm that a matrix is divided by. */
const SMALLEST_NORM = 1e-7;
/** RMS of AdamW's updates, about. */
const ADAMW_RMS = 0.2;

/**
 * One update by Muon (Jordan et al., 2024, https://kellerjordan.github.io/posts/muon/) of the hidden matrices, and by AdamW of
 * all other tensors, after clipping all gradients by their global norm. The momentum of a matrix, as Nesterov's, is
 * made orthogonal by five Newton-Schulz iterations and scaled by 0.2 sqrt(max(rows, columns)) (Liu et al., 2025,
 * arXiv:2502.16982), so that its RMS is that of AdamW's update and one learning rate and weight decay serve both. Matrices that one
 * tensor holds (queries, keys and values of GPT-2) are made orthogonal each by itself, as Jordan et al. advise. Pure:
 * state goes in and comes out.
 *
 * @param learningRate scalar
 * @param step scalar, 1 for the first update (bias correction of AdamW)
 */
export function muon(
  slots: readonly (Slot | MatrixSlot)[],
  learningRate: tf.Scalar,
  step: tf.Scalar,
  options: MuonOptions = {},
): { updated: MuonUpdated[]; gradientNorm: tf.Scalar } {
  const { momentum = 0.95, ...others } = options;
  const { clipNorm, weightDecay } = { ...ADAMW_DEFAULTS, ...others };
  const matrices = slots.filter(isMatrix);
  if (matrices.length === 0) {
    throw new TrainingError(
      "training/no-matrices",
      "Muon moves matrices of layers, and none of what is learned here is one. Take another `optimizer`.",
      { expected: "a matrix of a layer", actual: "none" },
    );
  }
  const clipped = clippedGradients(slots, clipNorm);
  const { clip, gradientNorm } = clipped;
  const lost = learningRate.mul(weightDecay);
  const kept = tf.scalar(1).sub<tf.Scalar>(lost);
  const decayed = (value: tf.Tensor, entries: Slot["entries"]): tf.Tensor =>
    value.mul(entries?.rate ? tf.scalar(1).sub(entries.rate.mul(lost)) : kept);
  const moved = matrices.map((slot): MuonUpdated => {
    const { decay, entries, firstMoment, matrix, rate = 1, value } = slot;
    const fresh = slot.gradient.mul(clip.mul(1 - momentum));
    const m = firstMoment.mul(momentum).add(fresh);
    const change = orthogonalParts(fresh.add(m.mul(momentum)), matrix);
    const taken = rate === 1 ? learningRate : learningRate.mul(rate);
    const step = change.mul(entries?.rate ? entries.rate.mul(taken) : taken);
    const before = decay && weightDecay !== 0 ? decayed(value, entries) : value;
    return { value: unlessStill(value, before.sub(step), entries), firstMoment: m };
  });
  const rest = slots.filter((slot): slot is Slot => !isMatrix(slot));
  const adapted = rest.length === 0 ? [] : adamW(rest, learningRate, step, others, clipped).updated;
  const updates = new Map<Slot | MatrixSlot, MuonUpdated>([
    ...matrices.map((slot, index) => [slot, moved[index] as MuonUpdated] as const),
    ...rest.map((slot, index) => [slot, adapted[index] as MuonUpdated] as const),
  ]);
  return { updated: slots.map((slot) => updates.get(slot) as MuonUpdated), gradientNorm };
}

/** Each matrix of a tensor made orthogonal, at the scale of its shape. */
function orthogonalParts(tensor: tf.Tensor, { axis, blocks = 1, sizes }: MatrixParts): tf.Tensor {
  if (sizes.length === 1) return scaledOrthogonal(tensor as tf.Tensor2D);
  const [rows, columns] = tensor.shape as [number, number];
  // with the axis of the parts in blocks, of which each holds its share of every part
  const inBlocks = axis === 0 ? [blocks, rows / blocks, columns] : [rows, blocks, columns / blocks];
  const shares = sizes.map((size) => size / blocks);
  const parts = tf.split(tensor.reshape(inBlocks), shares, axis + 1).map((part, index) => {
    const size = sizes[index] as number;
    const matrix = tf.reshape(part, axis === 0 ? [size, columns] : [rows, size]) as tf.Tensor2D;
    return scaledOrthogonal(matrix).reshape(part.shape);
  });
  return tf.concat(parts, axis + 1).reshape(tensor.shape);
}

const scaledOrthogonal = (matrix: tf.Tensor2D): tf.Tensor2D =>
  newtonSchulz(matrix).mul(ADAMW_RMS * Math.sqrt(Math.max(...matrix.shape)));

/** A matrix with its singular values brought close to 1, all between 0.7 and 1.2 about. */
export function newtonSchulz(matrix: tf.Tensor2D): tf.Tensor2D {
  const [rows, columns] = matrix.shape;
  const norm = matrix.square().sum().sqrt();
  let x = matrix.div<tf.Tensor2D>(tf.maximum(norm, SMALLEST_NORM));
  // the smaller of the two Gram matrices: X (a + b X'X + c (X'X)^2) = (a + b XX' + c (XX')^2) X
  const isTall = rows > columns;
  for (let k = 0; k < MUON_ITERATIONS; k++) {
    const gram = tf.matMul(x, x, isTall, !isTall);
    const polynomial = gram.mul(B).add<tf.Tensor2D>(tf.matMul(gram, gram).mul(C));
    const product = isTall ? tf.matMul(x, polynomial) : tf.matMul(polynomial, x);
    x = x.mul(A).add(product);
  }
  return x;
}
