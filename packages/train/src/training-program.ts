import type { MatrixParts } from "@ligo/core/layout";
import type { Masks, Program, TensorSpec, TensorSpecs, Tensors } from "@ligo/engine";
import * as tf from "@ligo/tfjs";
import { ADAMW_DEFAULTS, type Slot } from "./adamw.js";
import {
  entryRates,
  entrySpecs,
  hasNewRate,
  lateCorrection,
  type EntryGroups,
} from "./entry-rates.js";
import {
  countedStep,
  scaleOf,
  scaleOnly,
  scaleSpecs,
  scaleState,
  scalingOf,
  unlessSkipped,
  type ScaledOptions,
} from "./loss-scale.js";
import type { MatrixSlot } from "./muon.js";
import { optimise, type OptimizerOptions } from "./optimizer.js";

/** A tensor that is learned. */
export interface LearnableSpec extends TensorSpec {
  /** Whether weight decay applies to it. */
  readonly decay: boolean;
  /** Factor on the learning rate. Default 1. */
  readonly rate?: number;
  /** Present on a matrix of a layer: how it is stored. Muon moves these, and keeps no second moment of them. */
  readonly matrix?: MatrixParts;
  /** Entries that are updated otherwise than others. Default none. */
  readonly entries?: EntryGroups | undefined;
}

export interface TrainingProgramOptions extends ScaledOptions {
  readonly learnable: Readonly<Record<string, LearnableSpec>>;
  readonly frozen: TensorSpecs;
  readonly batch: TensorSpecs;
  /**
   * Tensors that the loss is given beside the batch's and that no gradient goes to: what a teacher says. Nothing of how they
   * are made is kept for the backward pass.
   */
  prepare?(frozen: Tensors, batch: Tensors): Tensors;
  /** The loss to minimise, a scalar. It may draw masks where there is a `seed`. */
  loss(learnable: Tensors, frozen: Tensors, batch: Tensors, masks: Masks): tf.Scalar;
  /** Number of labelled positions of a batch that the loss is the mean over. Default: as many in every batch. */
  readonly count?: (batch: Tensors) => tf.Scalar;
  /** Frozen tensors that no other program is given; in half precision a device may hold them in float16. Default none. */
  readonly unshared?: readonly string[];
  /** Seed of the masks that the loss draws (dropout). */
  readonly seed?: number;
  /** Updates that the moments of entries which are not `carried` are fewer means of. Default 0. */
  readonly lateBy?: number | undefined;
  readonly optimizer?: OptimizerOptions;
  /**
   * Keep only the activations between layers for the backward pass and compute the others anew there: less memory for one
   * more forward pass. Default false.
   */
  readonly checkpointActivations?: boolean;
}

const FIRST = "first_moment/";
const SECOND = "second_moment/";
const GRADIENT = "gradient/";
const LEARNABLE = "learnable/";
/** Input of programs whose new entries have a rate of their own: its factor. */
export const NEW_RATE = "new_rate";
const scalar: TensorSpec = { shape: [], dtype: "float32" };
const seedSpec: TensorSpec = { shape: [], dtype: "int32" };

/** What is made when it is first asked for, once. */
function lazily<A>(make: () => A): () => A {
  let made: { readonly value: A } | undefined;
  return () => (made ??= { value: make() }).value;
}

const mapValues = <A, B>(
  record: Readonly<Record<string, A>>,
  map: (value: A, name: string) => B,
): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));

const prefixed = <A>(prefix: string, record: Readonly<Record<string, A>>): Record<string, A> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [prefix + name, value]));

const specsOf = (learnable: TrainingProgramOptions["learnable"]): Record<string, TensorSpec> =>
  mapValues(learnable, ({ shape, dtype }) => ({ shape, dtype }));

/** Loss and the gradient of every learnable tensor, that of the loss times `scale` where there is one. */
function lossAndGradients(
  options: Pick<TrainingProgramOptions, "loss" | "prepare">,
  learnable: Tensors,
  frozen: Tensors,
  batch: Tensors,
  masks: Masks,
  scale?: tf.Scalar,
): { loss: tf.Scalar; gradients: Tensors } {
  const names = Object.keys(learnable);
  const { prepare } = options;
  const given =
    prepare === undefined ? batch : { ...batch, ...tf.tidy(() => prepare(frozen, batch)) };
  const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) => {
    const unused = new Map(names.map((name, index) => [name, tensors[index] as tf.Tensor]));
    const watched = Object.defineProperties(
      {},
      Object.fromEntries(
        names.map((name, index) => [
          name,
          {
            enumerable: true,
            get: () => {
              unused.delete(name);
              return tensors[index];
            },
          },
        ]),
      ),
    ) as Record<string, tf.Tensor>;
    const loss = options.loss(watched, frozen, given, masks);
    // TensorFlow.js refuses gradients of tensors the loss does not depend on (a pooler under masked LM): make them zero.
    const whole = [...unused.values()].reduce(
      (sum, tensor) => sum.add<tf.Scalar>(tensor.sum().mul(0)),
      loss,
    );
    return scale ? whole.mul<tf.Scalar>(scale) : whole;
  })(names.map((name) => learnable[name] as tf.Tensor));
  return {
    loss: (scale ? value.div(scale) : value) as tf.Scalar,
    gradients: Object.fromEntries(names.map((name, index) => [name, grads[index] as tf.Tensor])),
  };
}

/** Gradients of a loss that was not scaled, in the order in which the backward pass makes them. */
function unscaled(gradients: Tensors, scale: tf.Scalar): Tensors {
  const inverse = scale.reciprocal();
  const byAge = Object.entries(gradients).toSorted(([, a], [, b]) => a.id - b.id);
  return mapValues(Object.fromEntries(byAge), (gradient) => gradient.mul(inverse));
}

type Optimised = Pick<TrainingProgramOptions, "lateBy" | "learnable" | "optimizer"> & ScaledOptions;

/** Whether the optimiser moves a tensor as a matrix, without a second moment. */
const movesMatrix = (
  { optimizer }: Pick<TrainingProgramOptions, "optimizer">,
  { matrix }: LearnableSpec,
): boolean => optimizer?.name === "muon" && matrix !== undefined;

/** Of values by name of the learnable tensor, those of tensors that have a second moment. */
const ofAdaptive = <A>(
  options: Partial<Optimised>,
  values: Readonly<Record<string, A>>,
): Record<string, A> =>
  Object.fromEntries(
    Object.entries(values).filter(([name]) => {
      const spec = options.learnable?.[name];
      return spec === undefined || !movesMatrix(options, spec);
    }),
  );

/** State that an update keeps from step to step, and the inputs that drive it. */
function updateSpecs(options: Optimised): {
  state: TensorSpecs;
  inputs: TensorSpecs;
} {
  const specs = specsOf(options.learnable);
  return {
    state: {
      ...specs,
      ...prefixed(FIRST, specs),
      ...prefixed(SECOND, ofAdaptive(options, specs)),
      ...scaleSpecs(options),
    },
    inputs: {
      learning_rate: scalar,
      step: scalar,
      ...(hasNewRate(options.learnable) ? { [NEW_RATE]: scalar } : {}),
    },
  };
}

/** The new state after the optimiser's update, and outputs: the norm of the gradients before clipping, and the scale's. */
function update(
  options: Optimised,
  { frozen, inputs, state }: { state: Tensors; frozen: Tensors; inputs: Tensors },
  gradients: Tensors,
): { state: Tensors; outputs: Tensors } {
  const { lateBy = 0, learnable, optimizer } = options;
  const step = countedStep(state, inputs["step"] as tf.Scalar);
  const correction = lazily(() =>
    lateCorrection(step, lateBy, { ...ADAMW_DEFAULTS, ...optimizer }),
  );
  const newRate = inputs[NEW_RATE] ?? tf.scalar(1);
  const slots = Object.entries(learnable).map(([name, spec]): Slot | MatrixSlot => {
    const { decay, entries, matrix, rate = 1 } = spec;
    const rates = entryRates(name, entries, frozen, { newRate, correction });
    const gradient = gradients[name] as tf.Tensor;
    const slot = {
      value: state[name] as tf.Tensor,
      gradient: rates?.trained ? gradient.mul(rates.trained) : gradient,
      firstMoment: state[FIRST + name] as tf.Tensor,
      decay,
      rate,
      entries: rates,
    };
    if (matrix !== undefined && movesMatrix(options, spec)) return { ...slot, matrix };
    return { ...slot, secondMoment: state[SECOND + name] as tf.Tensor };
  });
  const { updated, gradientNorm } = optimise(
    slots,
    inputs["learning_rate"] as tf.Scalar,
    step,
    optimizer,
  );
  const next: Record<string, tf.Tensor> = {};
  Object.keys(learnable).forEach((name, index) => {
    const slot = updated[index] as (typeof updated)[number];
    next[name] = slot.value;
    next[FIRST + name] = slot.firstMoment;
    if (slot.secondMoment !== undefined) next[SECOND + name] = slot.secondMoment;
  });
  const scaling = scalingOf(options);
  const settled = scaling
    ? unlessSkipped({ before: state, after: next, gradientNorm }, scaling)
    : { state: next, outputs: {} };
  return { ...settled, outputs: { gradient_norm: gradientNorm, ...settled.outputs } };
}

/** Settings of a program with a backward pass that say how to run it. */
const running = ({
  checkpointActivations = false,
  precision,
  seed,
  unshared,
}: Pick<TrainingProgramOptions, "checkpointActivations" | "precision" | "seed" | "unshared">): Pick<
  Program,
  "precision" | "recompute" | "seed" | "unshared"
> => ({
  ...(checkpointActivations ? { recompute: "loss" } : {}),
  ...(precision === undefined ? {} : { precision }),
  ...(unshared === undefined ? {} : { unshared }),
  ...(seed === undefined ? {} : { seed }),
});

/**
 * One training step as a program: loss, gradients, clipping by global norm and the update. Beside the batch it takes
 * `learning_rate`, `step` (1 for the first) and `seed`; it returns `loss` (before the update) and `gradient_norm`
 * (before clipping), and where the loss is scaled `loss_scale` and `skipped_steps`.
 */
export function trainingProgram(options: TrainingProgramOptions): Program {
  const { learnable } = options;
  const specs = updateSpecs(options);
  return {
    ...running(options),
    state: specs.state,
    frozen: { ...options.frozen, ...entrySpecs(learnable) },
    inputs: { ...options.batch, ...specs.inputs, seed: seedSpec },
    build({ state, frozen, inputs, masks }) {
      const values = mapValues(learnable, (_, name) => state[name] as tf.Tensor);
      const scale = scaleOf(state);
      const found = lossAndGradients(options, values, frozen, inputs, masks, scale);
      const gradients = scale ? unscaled(found.gradients, scale) : found.gradients;
      const { state: next, outputs } = update(options, { state, frozen, inputs }, gradients);
      return { state: next, outputs: { loss: found.loss, ...outputs } };
    },
  };
}

/**
 * The part of a training step that is done once for each of several batches, as a program: its state `gradient/<name>` is the
 * mean gradient over the labelled positions so far, of which `counted` were in earlier batches of the update, 0 for the first.
 * Parameters are frozen tensors `learnable/<name>`. It returns `loss`, and the `count` of the batch's labelled positions.
 */
export function accumulationProgram(options: Omit<TrainingProgramOptions, "optimizer">): Program {
  const specs = specsOf(options.learnable);
  return {
    ...running(options),
    state: prefixed(GRADIENT, specs),
    frozen: {
      ...options.frozen,
      ...prefixed(LEARNABLE, specs),
      ...scaleOnly(scaleSpecs(options)),
    },
    inputs: { ...options.batch, counted: scalar, seed: seedSpec },
    build({ state, frozen, inputs, masks }) {
      const values = mapValues(specs, (_, name) => frozen[LEARNABLE + name] as tf.Tensor);
      const scale = scaleOf(frozen);
      const { loss, gradients } = lossAndGradients(options, values, frozen, inputs, masks, scale);
      const counted = inputs["counted"] as tf.Scalar;
      const count = options.count?.(inputs) ?? tf.scalar(1);
      const total = counted.add<tf.Scalar>(count).maximum(1);
      const [kept, ofTotal] = [counted.div<tf.Scalar>(total), count.div<tf.Scalar>(total)];
      const share = scale ? ofTotal.div<tf.Scalar>(scale) : ofTotal;
      /** The sum so far. One that was not finite in the update before is no part of this one, and nought times it is. */
      const sumOf = (name: string): tf.Tensor => {
        const sum = (state[GRADIENT + name] as tf.Tensor).mul(kept);
        return scale ? tf.where(counted.greater(0), sum, tf.zerosLike(sum)) : sum;
      };
      // Gradients that the backward pass makes first stand last: an engine that starts from the last state runs them first.
      const byAge = Object.entries(gradients).toSorted(([, a], [, b]) => b.id - a.id);
      const sums = mapValues(Object.fromEntries(byAge), (gradient, name) =>
        sumOf(name).add(gradient.mul(share)),
      );
      return { state: prefixed(GRADIENT, sums), outputs: { loss, count } };
    },
  };
}

/**
 * The part of a training step that is done once after all batches, as a program: clipping and the update with the frozen
 * tensors `gradient/<name>`. It returns `gradient_norm`, and where the loss is scaled `loss_scale` and `skipped_steps`.
 */
export function updateProgram(options: Optimised): Program {
  return {
    ...updateSpecs(options),
    frozen: { ...prefixed(GRADIENT, specsOf(options.learnable)), ...entrySpecs(options.learnable) },
    build({ state, frozen, inputs }) {
      const gradients = mapValues(
        options.learnable,
        (_, name) => frozen[GRADIENT + name] as tf.Tensor,
      );
      return update(options, { state, frozen, inputs }, gradients);
    },
  };
}

/**
 * Fresh state for {@link trainingProgram}: the given values and moments (used as they are, not copied), zeros where no moments are
 * given, and the first scale where the loss is scaled.
 */
export function trainingState(
  values: Readonly<Record<string, Float32Array>>,
  options: Partial<Optimised> = {},
  moments: Readonly<Record<string, Float32Array>> = {},
): Record<string, Float32Array> {
  const begun = (prefix: string, of: typeof values): Record<string, Float32Array> =>
    prefixed(
      prefix,
      mapValues(of, ({ length }, name) => {
        const { [prefix + name]: earlier } = moments;
        return earlier ?? new Float32Array(length);
      }),
    );
  return {
    ...values,
    ...begun(FIRST, values),
    ...begun(SECOND, ofAdaptive(options, values)),
    ...scaleState(options),
  };
}

/** The same values as the frozen tensors of {@link accumulationProgram}, and zeros as its state. */
export function accumulationValues(values: Readonly<Record<string, Float32Array>>): {
  state: Record<string, Float32Array>;
  frozen: Record<string, Float32Array>;
} {
  const zeros = mapValues(values, ({ length }) => new Float32Array(length));
  return { state: prefixed(GRADIENT, zeros), frozen: prefixed(LEARNABLE, values) };
}

/** Loss and gradients as a program without state: outputs `loss` and `gradient/<name>`. */
export function gradientProgram(options: Omit<TrainingProgramOptions, "optimizer">): Program {
  const specs = specsOf(options.learnable);
  return {
    ...running(options),
    state: {},
    frozen: { ...options.frozen, ...prefixed(LEARNABLE, specs) },
    inputs: options.seed === undefined ? options.batch : { ...options.batch, seed: seedSpec },
    build({ frozen, inputs, masks }) {
      const values = mapValues(specs, (_, name) => frozen[LEARNABLE + name] as tf.Tensor);
      const { loss, gradients } = lossAndGradients(options, values, frozen, inputs, masks);
      return { outputs: { loss, ...prefixed(GRADIENT, gradients) } };
    },
  };
}
