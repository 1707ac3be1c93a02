import * as tf from "@ligo/tfjs";
import {
  ADAMW_DEFAULTS,
  biasCorrection,
  clippedGradients,
  flooredBy,
  momentUpdate,
  unlessStill,
  type AdamWOptions,
  type Slot,
  type UpdatedSlot,
  type UpdatedSlots,
} from "./adamw.js";

/**
 * One LAMB update (You et al., 2020, Algorithm 2) of all tensors, after clipping their gradients by global norm: Adam's
 * step with its weight decay, scaled for each tensor by the norm of the tensor over the norm of the step. Tensors without
 * weight decay (biases, norms) take Adam's step as it is, as in the authors' code. Pure: state goes in and comes out.
 *
 * @param learningRate scalar
 * @param step scalar, 1 for the first update (bias correction)
 */
export function lamb(
  slots: readonly Slot[],
  learningRate: tf.Scalar,
  step: tf.Scalar,
  options: AdamWOptions = {},
): UpdatedSlots {
  const { beta1, beta2, epsilon, weightDecay, clipNorm } = { ...ADAMW_DEFAULTS, ...options };
  const { gradientNorm, clip } = clippedGradients(slots, clipNorm);
  const moments = momentUpdate({ beta1, beta2 }, clip);
  const rootCorrection = biasCorrection(beta2, step).sqrt();
  // m / c1 / (sqrt(v) / sqrt(c2) + eps) = sqrt(c2) / c1 * m / (sqrt(v) + eps sqrt(c2))
  const stepScale = rootCorrection.div(biasCorrection(beta1, step));
  const floor = rootCorrection.mul(epsilon);
  const updated = slots.map((slot) => {
    const { value, decay, entries, rate = 1 } = slot;
    const { firstMoment: m, secondMoment: v } = moments(slot);
    const step = m.mul(stepScale).div(v.sqrt().add(flooredBy(floor, entries)));
    const adam = entries?.correction ? step.mul(entries.correction.step) : step;
    const taken = rate === 1 ? learningRate : learningRate.mul(rate);
    const ofEntries = entries?.rate ? entries.rate.mul(taken) : taken;
    const moved = (change: tf.Tensor): UpdatedSlot => ({
      value: unlessStill(value, value.sub(change), entries),
      firstMoment: m,
      secondMoment: v,
    });
    if (!decay || weightDecay === 0) return moved(adam.mul(ofEntries));
    const change = adam.add(value.mul(weightDecay));
    const moving = (whole: tf.Tensor): tf.Tensor =>
      entries?.trained ? whole.mul(entries.trained) : whole;
    return moved(change.mul(trustRatio(moving(value), moving(change)).mul(ofEntries)));
  });
  return { updated, gradientNorm };
}

/** The norm of a tensor over that of its change; 1 where either is zero. */
function trustRatio(value: tf.Tensor, change: tf.Tensor): tf.Scalar {
  const [size, length] = [value, change].map((x) => x.square().sum().sqrt()) as [
    tf.Scalar,
    tf.Scalar,
  ];
  const isMoving = size.mul(length).greater(0);
  const one = tf.scalar(1);
  return tf.where(isMoving, size.div(tf.where(isMoving, length, one)), one) as tf.Scalar;
}
