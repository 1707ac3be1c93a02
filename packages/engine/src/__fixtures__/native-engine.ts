import type { Engine } from "../program.js";
import { hasNativeTensorFlow } from "../tensorflow/load-native.js";
import { createTensorFlowEngine } from "../tensorflow/tensorflow-engine.js";

/**
 * The `tensorflow` engine on the CPU, where its optional package is installed or `LIGO_TENSORFLOW` names one; tests of it
 * are skipped elsewhere, and `nativeName`, which stands in their titles, says why.
 */
export const nativeEngine: Engine | undefined = hasNativeTensorFlow()
  ? await createTensorFlowEngine({ device: "cpu" })
  : undefined;

export const nativeName: string =
  nativeEngine?.name ?? "tensorflow:cpu (skipped: @tensorflow/tfjs-node is not installed)";
