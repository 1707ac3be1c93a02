import * as tf from "@ligo/tfjs";

let queue: Promise<unknown> = Promise.resolve();

/**
 * Runs synchronous TensorFlow.js code on the named backend and puts the former one back. The backend of TensorFlow.js
 * is global, so callers wait for each other.
 */
export function withBackend<T>(name: string, work: () => T): Promise<T> {
  const run = async (): Promise<T> => {
    await tf.ready(); // makes the default backend the former one if nothing has run yet
    const former = tf.getBackend();
    // Both switches take effect at once. Nothing is awaited before the second: other code must not see this backend.
    const switched = tf.setBackend(name);
    try {
      return work();
    } finally {
      const restored = tf.setBackend(former);
      await Promise.all([switched, restored]);
    }
  };
  const result = queue.then(run, run);
  queue = result.catch(() => undefined);
  return result;
}
