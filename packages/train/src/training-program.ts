import type { Masks, Program, TensorSpec, TensorSpecs, Tensors } from "@ligo/engine";
import * as tf from "@tensorflow/tfjs";
import type { Slot } from "./adamw.js";
import { optimise, type OptimizerOptions } from "./optimizer.js";

/** A tensor that is learned. */
export interface LearnableSpec extends TensorSpec {
  /** Whether weight decay applies to it. */
  readonly decay: boolean;
  /** Factor on the learning rate. Default 1. */
  readonly rate?: number;
}

export interface TrainingProgramOptions {
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
  /** Seed of the masks that the loss draws (dropout). */
  readonly seed?: number;
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
const scalar: TensorSpec = { shape: [], dtype: "float32" };
const seedSpec: TensorSpec = { shape: [], dtype: "int32" };

const mapValues = <A, B>(
  record: Readonly<Record<string, A>>,
  map: (value: A, name: string) => B,
): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));

const prefixed = <A>(prefix: string, record: Readonly<Record<string, A>>): Record<string, A> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [prefix + name, value]));

const specsOf = (learnable: TrainingProgramOptions["learnable"]): Record<string, TensorSpec> =>
  mapValues(learnable, ({ shape, dtype }) => ({ shape, dtype }));

/** Loss and the gradient of every learnable tensor. */
function lossAndGradients(
  options: Pick<TrainingProgramOptions, "loss" | "prepare">,
  learnable: Tensors,
  frozen: Tensors,
  batch: Tensors,
  masks: Masks,
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
    return [...unused.values()].reduce(
      (sum, tensor) => sum.add<tf.Scalar>(tensor.sum().mul(0)),
      loss,
    );
  })(names.map((name) => learnable[name] as tf.Tensor));
  return {
    loss: value as tf.Scalar,
    gradients: Object.fromEntries(names.map((name, index) => [name, grads[index] as tf.Tensor])),
  };
}

type Optimised = Pick<TrainingProgramOptions, "learnable" | "optimizer">;

/** State that an update keeps from step to step, and the inputs that drive it. */
function updateSpecs(learnable: Optimised["learnable"]): {
  state: TensorSpecs;
  inputs: TensorSpecs;
} {
  const specs = specsOf(learnable);
  return {
    state: { ...specs, ...prefixed(FIRST, specs), ...prefixed(SECOND, specs) },
    inputs: { learning_rate: scalar, step: scalar },
  };
}

/** The new state after the optimiser's update, and the norm of the gradients before clipping. */
function update(
  { learnable, optimizer }: Optimised,
  state: Tensors,
  gradients: Tensors,
  inputs: Tensors,
): { state: Tensors; gradientNorm: tf.Scalar } {
  const slots = Object.entries(learnable).map<Slot>(([name, { decay, rate = 1 }]) => ({
    value: state[name] as tf.Tensor,
    gradient: gradients[name] as tf.Tensor,
    firstMoment: state[FIRST + name] as tf.Tensor,
    secondMoment: state[SECOND + name] as tf.Tensor,
    decay,
    rate,
  }));
  const { updated, gradientNorm } = optimise(
    slots,
    inputs["learning_rate"] as tf.Scalar,
    inputs["step"] as tf.Scalar,
    optimizer,
  );
  const next: Record<string, tf.Tensor> = {};
  Object.keys(learnable).forEach((name, index) => {
    const slot = updated[index] as (typeof updated)[number];
    next[name] = slot.value;
    next[FIRST + name] = slot.firstMoment;
    next[SECOND + name] = slot.secondMoment;
  });
  return { state: next, gradientNorm };
}

/** Settings of a program with a backward pass that say how to run it. */
const running = ({
  checkpointActivations = false,
  seed,
}: Pick<TrainingProgramOptions, "checkpointActivations" | "seed">): Pick<
  Program,
  "recompute" | "seed"
> => ({
  ...(checkpointActivations ? { recompute: "loss" } : {}),
  ...(seed === undefined ? {} : { seed }),
});

/**
 * One training step as a program: loss, gradients, clipping by global norm and the update. Beside the batch it takes
 * `learning_rate`, `step` (1 for the first) and `seed`; it returns `loss` (before the update) and `gradient_norm`
 * (before clipping).
 */
export function trainingProgram(options: TrainingProgramOptions): Program {
  const { learnable } = options;
  const specs = updateSpecs(learnable);
  return {
    ...running(options),
    state: specs.state,
    frozen: options.frozen,
    inputs: { ...options.batch, ...specs.inputs, seed: seedSpec },
    build({ state, frozen, inputs, masks }) {
      const values = mapValues(learnable, (_, name) => state[name] as tf.Tensor);
      const { loss, gradients } = lossAndGradients(options, values, frozen, inputs, masks);
      const next = update(options, state, gradients, inputs);
      return { state: next.state, outputs: { loss, gradient_norm: next.gradientNorm } };
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
    frozen: { ...options.frozen, ...prefixed(LEARNABLE, specs) },
    inputs: { ...options.batch, counted: scalar, seed: seedSpec },
    build({ state, frozen, inputs, masks }) {
      const values = mapValues(specs, (_, name) => frozen[LEARNABLE + name] as tf.Tensor);
      const { loss, gradients } = lossAndGradients(options, values, frozen, inputs, masks);
      const counted = inputs["counted"] as tf.Scalar;
      const count = options.count?.(inputs) ?? tf.scalar(1);
      const total = counted.add<tf.Scalar>(count).maximum(1);
      const [kept, share] = [counted.div<tf.Scalar>(total), count.div<tf.Scalar>(total)];
      // Gradients that the backward pass makes first stand last: an engine that starts from the last state runs them first.
      const byAge = Object.entries(gradients).toSorted(([, a], [, b]) => b.id - a.id);
      const sums = mapValues(Object.fromEntries(byAge), (gradient, name) =>
        (state[GRADIENT + name] as tf.Tensor).mul(kept).add(gradient.mul(share)),
      );
      return { state: prefixed(GRADIENT, sums), outputs: { loss, count } };
    },
  };
}

/**
 * The part of a training step that is done once after all batches, as a program: clipping and the update with the frozen
 * tensors `gradient/<name>`. It returns `gradient_norm`.
 */
export function updateProgram(options: Optimised): Program {
  const specs = updateSpecs(options.learnable);
  return {
    ...specs,
    frozen: prefixed(GRADIENT, specsOf(options.learnable)),
    build({ state, frozen, inputs }) {
      const gradients = mapValues(
        options.learnable,
        (_, name) => frozen[GRADIENT + name] as tf.Tensor,
      );
      const next = update(options, state, gradients, inputs);
      return { state: next.state, outputs: { gradient_norm: next.gradientNorm } };
    },
  };
}

/** Fresh state for {@link trainingProgram}: the given values (used as they are, not copied) and zero moments. */
export function trainingState(
  values: Readonly<Record<string, Float32Array>>,
): Record<string, Float32Array> {
  const zeros = (): Record<string, Float32Array> =>
    mapValues(values, ({ length }) => new Float32Array(length));
  return { ...values, ...prefixed(FIRST, zeros()), ...prefixed(SECOND, zeros()) };
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
