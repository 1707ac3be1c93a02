import * as tf from "@ligo/tfjs";
import * as ort from "./onnx/onnxruntime.js";

/** Versions of the libraries that compute. */
export function engineVersions(): Readonly<Record<string, string>> {
  return {
    "onnxruntime-node": ort.env.versions.node ?? "unknown",
    "@tensorflow/tfjs-core": tf.version_core,
  };
}
