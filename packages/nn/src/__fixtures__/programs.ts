import { createRandom } from "@ligo/core";
import { createOnnxEngine, createReferenceEngine, type Engine, type Numbers, type TensorSpec } from "@ligo/engine";
import * as tf from "@ligo/tfjs";

/** A named tensor of a test: its numbers and what to declare. */
export interface Given extends TensorSpec {
  readonly data: Numbers;
}

export type Givens = Readonly<Record<string, Given>>;
export type Tensors = Readonly<Record<string, tf.Tensor>>;

export const engines: readonly (readonly [string, Engine])[] = [
  createOnnxEngine({ threads: 1 }),
  createReferenceEngine(),
].map((engine) => [engine.name, engine]);

export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

export const floats = (shape: readonly number[], data: Iterable<number>): Given => ({
  shape,
  dtype: "float32",
  data: Float32Array.from(data),
});

export const integers = (shape: readonly number[], data: Iterable<number>): Given => ({
  shape,
  dtype: "int32",
  data: Int32Array.from(data),
});

/** Standard normal numbers of a seed, scaled. */
export function normal(shape: readonly number[], seed: number, scale = 1): Given {
  const random = createRandom(seed);
  return floats(
    shape,
    Array.from({ length: sizeOf(shape) }, () => scale * random.normal()),
  );
}

/** Outputs of `build` on the given tensors, on an engine. */
export async function evaluate(
  engine: Engine,
  givens: Givens,
  build: (tensors: Tensors) => Tensors,
): Promise<Record<string, Numbers>> {
  const specs = Object.fromEntries(
    Object.entries(givens).map(([name, { shape, dtype }]) => [name, { shape, dtype }]),
  );
  const compiled = await engine.compile(
    { state: {}, frozen: {}, inputs: specs, build: ({ inputs }) => ({ outputs: build(inputs) }) },
    { state: {}, frozen: {} },
  );
  const feeds = Object.fromEntries(Object.entries(givens).map(([name, { data }]) => [name, data]));
  const outputs = await compiled.run(feeds);
  await compiled.dispose();
  return outputs;
}

/**
 * Outputs `value` of a block and, for the loss sum(value * weights), the gradients `gradient/<name>` of the float32
 * tensors among `givens`. `weights` itself must be given and of the block's shape.
 */
export function evaluateWithGradients(
  engine: Engine,
  givens: Givens,
  block: (tensors: Tensors) => tf.Tensor,
): Promise<Record<string, Numbers>> {
  const learnable = Object.keys(givens).filter(
    (name) => name !== "weights" && givens[name]?.dtype === "float32",
  );
  return evaluate(engine, givens, (tensors) => {
    const loss = (...values: tf.Tensor[]): tf.Scalar => {
      const current = { ...tensors, ...Object.fromEntries(learnable.map((name, i) => [name, values[i] as tf.Tensor])) };
      return block(current).mul(tensors["weights"] as tf.Tensor).sum();
    };
    const gradients = tf.grads(loss)(learnable.map((name) => tensors[name] as tf.Tensor));
    const named = learnable.map((name, i) => [`gradient/${name}`, gradients[i] as tf.Tensor] as const);
    return { value: block(tensors), ...Object.fromEntries(named) };
  });
}
