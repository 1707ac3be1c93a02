import { createRandom } from "@ligo/core";
import type { Computing } from "./perf-cases.js";
import * as tf from "@ligo/tfjs";

/** Shapes m x k times k x n of the products that are tried: those of a training step, and a large square one. */
const SHAPES = [
  [1024, 3072, 768],
  [2048, 1536, 384],
  [2048, 384, 1536],
  [1024, 1024, 1024],
  [2048, 2048, 2048],
] as const;
const REPEATS = 12;
/** Milliseconds after which a product is not repeated: on a renderer in software one may take a minute. */
const PATIENCE = 10_000;

/**
 * GFLOP/s of the fastest of several matrix products on an engine, memory for the result already at hand: what it can do on this
 * machine at best.
 */
export async function sgemmGflops({ engine, precision }: Computing): Promise<number> {
  const random = createRandom(0);
  const numbers = (size: number): Float32Array =>
    Float32Array.from({ length: size }, () => random.uniform() - 0.5);
  let best = 0;
  for (const [m, n, k] of SHAPES) {
    const compiled = await engine.compile(
      {
        precision,
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
    const begun = performance.now();
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      if (performance.now() - begun > PATIENCE) break;
      const started = performance.now();
      await compiled.run({});
      best = Math.max(best, (2 * m * n * k) / (performance.now() - started) / 1e6);
    }
    await compiled.dispose();
  }
  return best;
}
