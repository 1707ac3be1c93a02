import * as tf from "@tensorflow/tfjs";

/** A caller's array and its copy on the device. One of them may be newer than the other. */
interface Shared {
  readonly array: Float32Array;
  copy: tf.Tensor | undefined;
  newer: "array" | "copy" | "neither";
  /** Programs that use it. */
  users: number;
}

/**
 * All arrays that programs hold, by array: programs that are given the same array (parameters that one trains and another
 * evaluates, gradients that one sums and another applies) share its copy on the device.
 */
const shares = new WeakMap<Float32Array, Shared>();

/** A caller's array as the programs of the `tensorflow` engine use it: `read` and `write` in a step, the others at any time. */
export interface DeviceArray {
  /** The values on the device, in the given shape; uploaded if the array was written to. The engine disposes of it. */
  read(shape: readonly number[]): tf.Tensor;
  /** Makes a tensor the new values. It is kept as it is. */
  write(tensor: tf.Tensor): void;
  /** Brings the array up to date. */
  download(): void;
  /** Brings the array up to date and takes it as the newer one from now on. */
  lend(): Float32Array;
  /** Ends one program's use. The last one frees the device's memory. */
  release(): void;
}

/** One program's use of an array. */
export function deviceArray(array: Float32Array): DeviceArray {
  let shared = shares.get(array);
  if (!shared) {
    shared = { array, copy: undefined, newer: "array", users: 0 };
    shares.set(array, shared);
  }
  // whoever hands an array over may have written to it before
  if (shared.newer === "neither") shared.newer = "array";
  shared.users += 1;
  const own = shared;
  const download = (): void => {
    if (own.newer !== "copy") return;
    array.set((own.copy as tf.Tensor).dataSync<"float32">());
    own.newer = "neither";
  };
  return {
    read(shape) {
      if (own.newer === "array") {
        own.copy?.dispose();
        // the backend reads the array at first use, which must not see what the caller writes later
        own.copy = tf.keep(tf.tensor(array.slice(), [...shape], "float32"));
        own.newer = "neither";
      }
      const copy = own.copy as tf.Tensor;
      return copy.shape.join() === shape.join() ? copy : tf.reshape(copy, [...shape]);
    },
    write(tensor) {
      const kept = tf.keep(tensor.clone());
      own.copy?.dispose();
      own.copy = kept;
      own.newer = "copy";
    },
    download,
    lend() {
      download();
      own.newer = "array";
      return array;
    },
    release() {
      download();
      own.users -= 1;
      if (own.users > 0) return;
      own.copy?.dispose();
      shares.delete(array);
    },
  };
}
