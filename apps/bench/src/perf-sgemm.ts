import { createRandom } from "@ligo/core";
import { createOnnxEngine } from "@ligo/engine";
import * as tf from "@tensorflow/tfjs";

/** Shapes m x k times k x n of the products that are tried: those of a training step, and a large square one. */
const SHAPES = [
  [1024, 3072, 768],
  [2048, 1536, 384],
  [2048, 384, 1536],
  [1024, 1024, 1024],
  [2048, 2048, 2048],
] as const;
const REPEATS = 12;

/**
 * GFLOP/s of the fastest of several matrix products, memory for the result already at hand: what this machine can do at
 * best.
 */
export async function sgemmGflops(): Promise<number> {
  const engine = createOnnxEngine();
  const random = createRandom(0);
  const numbers = (size: number): Float32Array =>
    Float32Array.from({ length: size }, () => random.uniform() - 0.5);
  let best = 0;
  for (const [m, n, k] of SHAPES) {
    const compiled = await engine.compile(
      {
        state: {},
        frozen: {
          a: { shape: [m, k], dtype: "float32" },
          b: { shape: [k, n], dtype: "float32" },
        },
        inputs: {},
        // One element of the result comes back: the rest is computed all the same, and not copied.
        build: ({ frozen: { a, b } }) => ({
          outputs: { corner: tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D).slice([0, 0], [1, 1]) },
        }),
      },
      { state: {}, frozen: { a: numbers(m * k), b: numbers(k * n) } },
    );
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      const started = performance.now();
      await compiled.run({});
      best = Math.max(best, (2 * m * n * k) / (performance.now() - started) / 1e6);
    }
    await compiled.dispose();
  }
  return best;
}
