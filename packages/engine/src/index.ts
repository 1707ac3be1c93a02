export { EngineError } from "./engine-error.js";
export { onnxProviders } from "./onnx/providers.js";
export { createOnnxEngine, type OnnxEngineOptions } from "./onnx/onnx-engine.js";
export type {
  CompiledProgram,
  Engine,
  Masks,
  Numbers,
  Partition,
  PartitionOptions,
  Program,
  ProgramInfo,
  ProgramValues,
  TensorSpec,
  TensorSpecs,
  Tensors,
} from "./program.js";
export { createReferenceEngine } from "./reference-engine.js";
export {
  createTensorFlowEngine,
  type TensorFlowEngineOptions,
} from "./tensorflow/tensorflow-engine.js";
export { hasNativeTensorFlow, type TensorFlowDevice } from "./tensorflow/load-native.js";
export { createMultiply, type MatrixMultiply } from "./multiply.js";
export { checkLimits, type HeldTensor } from "./adapters/check-limits.js";
export { graphicsDevices, type GraphicsDevice } from "./adapters/graphics-devices.js";
export type { ProbeAnswer, ProbeRequest, RatedEngine } from "./adapters/probe-request.js";
export { runProbe, type ProbeOutcome } from "./adapters/run-probe.js";
export {
  findBindingLimit,
  plainlyNoGpu,
  webgpuAdapter,
  type AdapterSearch,
  type DeviceLimits,
  type WebGpuAdapter,
} from "./adapters/webgpu-adapter.js";
