import * as tf from "@tensorflow/tfjs";

let queue: Promise<unknown> = Promise.resolve();

/**
 * Runs synchronous TensorFlow.js code on the named backend and puts the former one back. The backend of TensorFlow.js
 * is global, so callers wait for each other.
 */
export function withBackend<T>(name: string, work: () => T): Promise<T> {
  const run = async (): Promise<T> => {
    const former = tf.getBackend() as string | undefined;
    await tf.setBackend(name);
    try {
      return work();
    } finally {
      if (former !== undefined && former !== name) await tf.setBackend(former);
    }
  };
  const result = queue.then(run, run);
  queue = result.catch(() => undefined);
  return result;
}
