export { EngineError } from "./engine-error.js";
export type { DeviceUsage } from "./device-memory.js";
export { onnxProviders, providerHelp } from "./onnx/providers.js";
export { createOnnxEngine, type OnnxEngineOptions } from "./onnx/onnx-engine.js";
export type {
  CompiledProgram,
  Engine,
  Masks,
  Numbers,
  Partition,
  PartitionOptions,
  Precision,
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
export { TENSORFLOW_HELP } from "./tensorflow/install-help.js";
export { createWebGpuEngine, type WebGpuEngineOptions } from "./webgpu/webgpu-engine.js";
export { createMultiply, type MatrixMultiply } from "./multiply.js";
export { engineVersions } from "./versions.js";
