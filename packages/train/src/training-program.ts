import type { Program, TensorSpec, TensorSpecs, Tensors } from "@ligo/engine";
import * as tf from "@tensorflow/tfjs";
import { adamW, type AdamWOptions, type Slot } from "./adamw.js";

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
  /** The loss to minimise, a scalar. */
  loss(learnable: Tensors, frozen: Tensors, batch: Tensors): tf.Scalar;
  readonly optimizer?: AdamWOptions;
}

const FIRST = "first_moment/";
const SECOND = "second_moment/";
const scalar: TensorSpec = { shape: [], dtype: "float32" };

const mapValues = <A, B>(
  record: Readonly<Record<string, A>>,
  map: (value: A, name: string) => B,
): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));

/** Loss and the gradient of every learnable tensor. */
function lossAndGradients(
  options: Pick<TrainingProgramOptions, "loss">,
  learnable: Tensors,
  frozen: Tensors,
  batch: Tensors,
): { loss: tf.Scalar; gradients: Tensors } {
  const names = Object.keys(learnable);
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
    const loss = options.loss(watched, frozen, batch);
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

/**
 * One training step as a program: loss, gradients, clipping by global norm and AdamW. Beside the batch it takes
 * `learning_rate`, `step` (1 for the first) and `seed`; it returns `loss` (before the update) and `gradient_norm`
 * (before clipping).
 */
export function trainingProgram(options: TrainingProgramOptions): Program {
  const { learnable } = options;
  const moments = (prefix: string): Record<string, TensorSpec> =>
    Object.fromEntries(
      Object.entries(learnable).map(([name, { shape, dtype }]) => [
        prefix + name,
        { shape, dtype },
      ]),
    );
  return {
    state: {
      ...mapValues(learnable, ({ shape, dtype }) => ({ shape, dtype })),
      ...moments(FIRST),
      ...moments(SECOND),
    },
    frozen: options.frozen,
    inputs: {
      ...options.batch,
      learning_rate: scalar,
      step: scalar,
      seed: { shape: [], dtype: "int32" },
    },
    build({ state, frozen, inputs }) {
      const names = Object.keys(learnable);
      const values = Object.fromEntries(names.map((name) => [name, state[name] as tf.Tensor]));
      const { loss, gradients } = lossAndGradients(options, values, frozen, inputs);
      const slots = names.map<Slot>((name) => ({
        value: state[name] as tf.Tensor,
        gradient: gradients[name] as tf.Tensor,
        firstMoment: state[FIRST + name] as tf.Tensor,
        secondMoment: state[SECOND + name] as tf.Tensor,
        decay: (learnable[name] as LearnableSpec).decay,
        rate: (learnable[name] as LearnableSpec).rate ?? 1,
      }));
      const { updated, gradientNorm } = adamW(
        slots,
        inputs["learning_rate"] as tf.Scalar,
        inputs["step"] as tf.Scalar,
        options.optimizer,
      );
      const next: Record<string, tf.Tensor> = {};
      names.forEach((name, index) => {
        const slot = updated[index] as (typeof updated)[number];
        next[name] = slot.value;
        next[FIRST + name] = slot.firstMoment;
        next[SECOND + name] = slot.secondMoment;
      });
      return { state: next, outputs: { loss, gradient_norm: gradientNorm } };
    },
  };
}

/** Fresh state for {@link trainingProgram}: the given values (used as they are, not copied) and zero moments. */
export function trainingState(
  values: Readonly<Record<string, Float32Array>>,
): Record<string, Float32Array> {
  const zeros = (prefix: string): Record<string, Float32Array> =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        prefix + name,
        new Float32Array(value.length),
      ]),
    );
  return { ...values, ...zeros(FIRST), ...zeros(SECOND) };
}

/** Loss and gradients as a program without state: outputs `loss` and `gradient/<name>`. */
export function gradientProgram(options: Omit<TrainingProgramOptions, "optimizer">): Program {
  const prefix = "learnable/";
  return {
    state: {},
    frozen: {
      ...options.frozen,
      ...Object.fromEntries(
        Object.entries(options.learnable).map(([name, { shape, dtype }]) => [
          prefix + name,
          { shape, dtype },
        ]),
      ),
    },
    inputs: options.batch,
    build({ frozen, inputs }) {
      const learnable = mapValues(
        options.learnable,
        (_, name) => frozen[prefix + name] as tf.Tensor,
      );
      const { loss, gradients } = lossAndGradients(options, learnable, frozen, inputs);
      return {
        outputs: {
          loss,
          ...Object.fromEntries(
            Object.entries(gradients).map(([name, gradient]) => [`gradient/${name}`, gradient]),
          ),
        },
      };
    },
  };
}
