import * as tf from "@ligo/tfjs";
import {
  loadNative,
  NATIVE_BACKEND,
  requireGpu,
  type TensorFlowDevice,
} from "../tensorflow/load-native.js";
import { PRODUCTS } from "./probe-models.js";

/** Chains of products on TensorFlow. The process has no other use for TensorFlow.js, whose backend is global. */
export async function tensorFlowChains(
  device: TensorFlowDevice,
): Promise<(size: number) => Promise<() => Promise<void>>> {
  // TensorFlow takes any GPU that it sees when it is loaded
  if (device === "cpu") process.env["CUDA_VISIBLE_DEVICES"] = "-1";
  const native = await loadNative();
  if (device === "gpu") requireGpu(native);
  await tf.setBackend(NATIVE_BACKEND);
  return async (size) => {
    const matrix = tf.tidy(() => tf.div(tf.ones([size, size]), size));
    return async () => {
      const mean = tf.tidy(() => {
        let product: tf.Tensor = matrix;
        for (let step = 0; step < PRODUCTS; step++) product = tf.matMul(product, matrix);
        return tf.mean(product);
      });
      await mean.data();
      mean.dispose();
    };
  };
}
