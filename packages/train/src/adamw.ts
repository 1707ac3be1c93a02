import * as tf from "@ligo/tfjs";

export interface AdamWOptions {
  /** Decay of the first moment. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the second moment. Default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the second moment. Default 1e-6, as BERT's. */
  readonly epsilon?: number;
  /** Decoupled weight decay of tensors that take part in it. Default 0.1. */
  readonly weightDecay?: number;
  /** Largest global norm of all gradients together; larger ones are scaled down. Default 1. */
  readonly clipNorm?: number;
}

export const ADAMW_DEFAULTS: Required<AdamWOptions> = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-6,
  weightDecay: 0.1,
  clipNorm: 1,
};

/** Factors of the update of one tensor, each a scalar or as large as the tensor. */
export interface EntryRates {
  /** Of the learning rate, that of weight decay included. */
  readonly rate?: tf.Tensor | undefined;
  /** Of Adam's step, and of epsilon in it: bias correction of moments that began at zero later. */
  readonly correction?: { readonly step: tf.Tensor; readonly epsilon: tf.Tensor } | undefined;
  /** 1 for entries that move, 0 for others. */
  readonly trained?: tf.Tensor | undefined;
}

/** One tensor that is optimised. */
export interface Slot {
  readonly value: tf.Tensor;
  readonly gradient: tf.Tensor;
  readonly firstMoment: tf.Tensor;
  readonly secondMoment: tf.Tensor;
  readonly decay: boolean;
  /** Factor on the learning rate. Default 1. */
  readonly rate?: number;
  /** Factors of single entries. Default: all are updated alike. */
  readonly entries?: EntryRates | undefined;
}

export interface UpdatedSlot {
  readonly value: tf.Tensor;
  readonly firstMoment: tf.Tensor;
  readonly secondMoment: tf.Tensor;
}

/** Result of an update. */
export interface UpdatedSlots {
  readonly updated: UpdatedSlot[];
  /** Norm of all gradients together, before clipping. */
  readonly gradientNorm: tf.Scalar;
}

/** The norm of gradients together, and what clipping multiplies them by. */
export interface Clipping {
  readonly gradientNorm: tf.Scalar;
  readonly clip: tf.Scalar;
}

/** Clipping of all gradients together. */
export function clippedGradients(
  slots: readonly Pick<Slot, "gradient">[],
  clipNorm: number,
): Clipping {
  // In the order the backward pass makes them, so that what a gradient is made of is not kept longer than it must be.
  const byAge = slots
    .map(({ gradient }) => gradient)
    .toSorted((a, b) => a.id - b.id)
    .map((gradient) => gradient.square().sum());
  const gradientNorm = tf.addN(byAge).sqrt() as tf.Scalar;
  return { gradientNorm, clip: tf.minimum(tf.scalar(clipNorm).div(gradientNorm.add(1e-6)), 1) };
}

/** Both moments of a tensor after a step's gradient, which is clipped on the way. */
export function momentUpdate(
  { beta1, beta2 }: Pick<Required<AdamWOptions>, "beta1" | "beta2">,
  clip: tf.Scalar,
): (slot: Pick<Slot, "gradient" | "firstMoment" | "secondMoment">) => Omit<UpdatedSlot, "value"> {
  const gradientScale = clip.mul(1 - beta1);
  const squareScale = clip.square().mul(1 - beta2);
  return ({ gradient, firstMoment, secondMoment }) => ({
    firstMoment: firstMoment.mul(beta1).add(gradient.mul(gradientScale)),
    secondMoment: secondMoment.mul(beta2).add(gradient.square().mul(squareScale)),
  });
}

/** The epsilon of every entry's step. */
export function flooredBy(floor: tf.Tensor, entries: EntryRates | undefined): tf.Tensor {
  return entries?.correction ? entries.correction.epsilon.mul(floor) : floor;
}

/** Adam's step of every entry by its own rate and correction. */
function scaledStep(step: tf.Tensor, entries: EntryRates | undefined): tf.Tensor {
  const corrected = entries?.correction ? step.mul(entries.correction.step) : step;
  return entries?.rate ? corrected.mul(entries.rate) : corrected;
}

/** The new value of entries that move, and the old one of others. */
export function unlessStill(
  before: tf.Tensor,
  after: tf.Tensor,
  entries: EntryRates | undefined,
): tf.Tensor {
  return entries?.trained ? tf.where(entries.trained.greater(0), after, before) : after;
}

/** 1 - beta^step: what a moment that began at zero lacks. */
export function biasCorrection(beta: number, step: tf.Scalar): tf.Scalar {
  return tf.scalar(1).sub(tf.pow(tf.scalar(beta), step));
}

/** Tensors of up to so many elements cost more in operations than in numbers. */
const SMALL_SIZE = 1 << 12;

/** Small tensors of the same decay and rate together, so that a dozen operations serve all of them; others by themselves. */
function updatedAlike(slots: readonly Slot[]): (readonly Slot[])[] {
  const groups = new Map<string, Slot[]>();
  for (const [index, slot] of slots.entries()) {
    const { value, decay, entries, rate = 1 } = slot;
    const key =
      value.size <= SMALL_SIZE && entries === undefined ? `${decay} ${rate}` : `tensor ${index}`;
    groups.set(key, [...(groups.get(key) ?? []), slot]);
  }
  return [...groups.values()];
}

/** Tensors one after the other as one. */
function joined(slots: readonly Slot[]): Slot {
  const first = slots[0] as Slot;
  if (slots.length === 1) return first;
  const join = (of: (slot: Slot) => tf.Tensor): tf.Tensor1D =>
    tf.concat(slots.map((slot) => of(slot).as1D()));
  return {
    ...first,
    value: join(({ value }) => value),
    gradient: join(({ gradient }) => gradient),
    firstMoment: join(({ firstMoment }) => firstMoment),
    secondMoment: join(({ secondMoment }) => secondMoment),
  };
}

/** Updates of the single tensors that were {@link joined}. */
function parted(slots: readonly Slot[], updated: UpdatedSlot): readonly UpdatedSlot[] {
  if (slots.length === 1) return [updated];
  const sizes = slots.map(({ value }) => value.size);
  const part = (whole: tf.Tensor): tf.Tensor[] =>
    tf.split(whole, sizes).map((one, index) => one.reshape((slots[index] as Slot).value.shape));
  const values = part(updated.value);
  const firstMoments = part(updated.firstMoment);
  const secondMoments = part(updated.secondMoment);
  return slots.map((_, index) => ({
    value: values[index] as tf.Tensor,
    firstMoment: firstMoments[index] as tf.Tensor,
    secondMoment: secondMoments[index] as tf.Tensor,
  }));
}

/**
 * One AdamW update (Loshchilov & Hutter, 2019) of all tensors, after clipping their gradients by global norm. Pure: state
 * goes in and comes out.
 *
 * @param learningRate scalar
 * @param step scalar, 1 for the first update (bias correction)
 * @param clipping of these tensors and others; default: of these alone
 */
export function adamW(
  slots: readonly Slot[],
  learningRate: tf.Scalar,
  step: tf.Scalar,
  options: AdamWOptions = {},
  clipping?: Clipping,
): UpdatedSlots {
  const { beta1, beta2, epsilon, weightDecay, clipNorm } = { ...ADAMW_DEFAULTS, ...options };
  const groups = updatedAlike(slots).map((members) => ({ members, slot: joined(members) }));
  // Each gradient by itself, not joined: what it is summed from need not be kept until the last one is there.
  const { gradientNorm, clip } = clipping ?? clippedGradients(slots, clipNorm);
  const moments = momentUpdate({ beta1, beta2 }, clip);
  const firstCorrection = biasCorrection(beta1, step);
  const rootCorrection = biasCorrection(beta2, step).sqrt();
  // lr m / c1 / (sqrt(v) / sqrt(c2) + eps) = lr sqrt(c2) / c1 * m / (sqrt(v) + eps sqrt(c2))
  const stepSize = learningRate.mul(rootCorrection).div(firstCorrection);
  const floor = rootCorrection.mul(epsilon);
  const kept = tf.scalar(1).sub(learningRate.mul(weightDecay));
  const update = (slot: Slot): UpdatedSlot => {
    const { value, decay, entries, rate = 1 } = slot;
    const { firstMoment: m, secondMoment: v } = moments(slot);
    const step = m
      .mul(rate === 1 ? stepSize : stepSize.mul(rate))
      .div(v.sqrt().add(flooredBy(floor, entries)));
    const change = scaledStep(step, entries);
    const decayed = (): tf.Tensor =>
      value.mul(
        entries?.rate ? tf.scalar(1).sub(entries.rate.mul(learningRate.mul(weightDecay))) : kept,
      );
    return {
      value: unlessStill(
        value,
        (decay && weightDecay !== 0 ? decayed() : value).sub(change),
        entries,
      ),
      firstMoment: m,
      secondMoment: v,
    };
  };
  const updated = new Map<Slot, UpdatedSlot>();
  for (const { members, slot } of groups) {
    const parts = parted(members, update(slot));
    for (const [index, member] of members.entries())
      updated.set(member, parts[index] as UpdatedSlot);
  }
  return { updated: slots.map((slot) => updated.get(slot) as UpdatedSlot), gradientNorm };
}
