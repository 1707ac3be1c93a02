// The kernels for the processor, without the banner that asks for `@tensorflow/tfjs-node` at the first tensor: models compute with
// ONNX Runtime, so the advice would mislead.
import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import { engine, registerBackend, removeBackend } from "@tensorflow/tfjs-core";

// a backend that was made before holds tensors: it stays
if (engine().registry["cpu"] === undefined) {
  removeBackend("cpu");
  registerBackend("cpu", () => Object.assign(new MathBackendCPU(), { firstUse: false }));
}
