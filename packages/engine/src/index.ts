export { EngineError } from "./engine-error.js";
export { createOnnxEngine, type OnnxEngineOptions } from "./onnx/onnx-engine.js";
export type {
  CompiledProgram,
  Engine,
  Masks,
  Numbers,
  Program,
  ProgramInfo,
  ProgramValues,
  TensorSpec,
  TensorSpecs,
  Tensors,
} from "./program.js";
export { createReferenceEngine } from "./reference-engine.js";
export { createMultiply, type MatrixMultiply } from "./multiply.js";
