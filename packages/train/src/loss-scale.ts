import type { Precision, Tensors, TensorSpec, TensorSpecs } from "@ligo/engine";
import * as tf from "@ligo/tfjs";

/**
 * Dynamic loss scaling (Micikevicius et al., 2018, section 3.2), by the rule of PyTorch's `GradScaler`: the loss is
 * multiplied by a scale, so that small gradients are not lost in float16, and gradients are divided by it in float32. Where
 * one is not finite, the update is skipped and the scale halved; it is doubled after so many updates without that.
 */
export interface LossScaleOptions {
  /** The first scale, a power of two: scaling is then exact. Default 2^16. */
  readonly start?: number;
  /** Updates without a skipped one after which the scale is doubled. Default 2000. */
  readonly interval?: number;
}

/** How a training computes, as far as its loss is scaled by that. */
export interface ScaledOptions {
  /** What matrix products are made of. Default `f32`. */
  readonly precision?: Precision | undefined;
  /** Default: the loss is scaled in half precision only. */
  readonly lossScale?: LossScaleOptions | undefined;
}

const [BACKOFF, GROWTH] = [0.5, 2];
/** Norms below are finite; shaders may take infinity itself for a number that never comes. */
const LARGEST_NORM = 3.4e38;

const PREFIX = "loss_scale/";
const [VALUE, GOOD, SKIPPED] = ["value", "good_steps", "skipped_steps"].map(
  (name) => PREFIX + name,
) as [string, string, string];
const scalar: TensorSpec = { shape: [], dtype: "float32" };

/** How the loss of a training is scaled; `undefined` where it is not. */
export const scalingOf = ({
  lossScale,
  precision,
}: ScaledOptions): Required<LossScaleOptions> | undefined =>
  lossScale === undefined && precision !== "f16"
    ? undefined
    : { start: 2 ** 16, interval: 2000, ...lossScale };

/** State of the scale: it, the updates since it was changed, and those that were skipped. Empty where there is none. */
export const scaleSpecs = (options: ScaledOptions): TensorSpecs =>
  scalingOf(options) ? { [VALUE]: scalar, [GOOD]: scalar, [SKIPPED]: scalar } : {};

/** What {@link scaleSpecs} starts from. */
export function scaleState(options: ScaledOptions): Record<string, Float32Array> {
  const scaling = scalingOf(options);
  if (!scaling) return {};
  return {
    [VALUE]: Float32Array.of(scaling.start),
    [GOOD]: new Float32Array(1),
    [SKIPPED]: new Float32Array(1),
  };
}

/** The part of a scale's specs or state that a gradient depends on. */
export const scaleOnly = <A>(scale: Readonly<Record<string, A>>): Record<string, A> =>
  Object.fromEntries(Object.entries(scale).filter(([name]) => name === VALUE));

/** The scale among a program's tensors, where it has one. */
export const scaleOf = (tensors: Tensors): tf.Scalar | undefined =>
  tensors[VALUE] as tf.Scalar | undefined;

/** The number of an update among those that were not skipped, which the optimiser counts by. */
export const countedStep = (state: Tensors, step: tf.Scalar): tf.Scalar =>
  SKIPPED in state ? step.sub(state[SKIPPED] as tf.Scalar) : step;

/** An update of state that was, with the norm of its gradients. */
export interface ScaledUpdate {
  readonly before: Tensors;
  readonly after: Tensors;
  readonly gradientNorm: tf.Scalar;
}

/**
 * The state after an update that is skipped where the norm is not finite, the scale's included, and the outputs `loss_scale`
 * of this update and `skipped_steps` so far.
 */
export function unlessSkipped(
  { before, after, gradientNorm }: ScaledUpdate,
  { interval }: Required<LossScaleOptions>,
): { state: Tensors; outputs: Tensors } {
  const isFinite = gradientNorm.less(LARGEST_NORM);
  const state = Object.fromEntries(
    Object.entries(after).map(([name, tensor]) => [
      name,
      tf.where(isFinite, tensor, before[name] as tf.Tensor),
    ]),
  );
  const [scale, good, skipped] = [VALUE, GOOD, SKIPPED].map((name) => before[name]) as [
    tf.Scalar,
    tf.Scalar,
    tf.Scalar,
  ];
  const [zero, one] = [tf.scalar(0), tf.scalar(1)];
  const counted = good.add(one);
  const isDue = counted.greaterEqual(interval);
  const skippedSteps = skipped.add(tf.where(isFinite, zero, one));
  return {
    state: {
      ...state,
      [VALUE]: scale.mul(
        tf.where(isFinite, tf.where(isDue, tf.scalar(GROWTH), one), tf.scalar(BACKOFF)),
      ),
      [GOOD]: tf.where(isFinite, tf.where(isDue, zero, counted), zero),
      [SKIPPED]: skippedSteps,
    },
    outputs: { loss_scale: scale, skipped_steps: skippedSteps },
  };
}
