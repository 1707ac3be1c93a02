/**
 * Engine that computes. `auto`: `tensorflow` where its package is installed and uses a GPU, else `onnx`. `onnx:<provider>`:
 * onnxruntime on another of its execution providers (`onnx:cuda`). `tensorflow`: TensorFlow on a GPU; `tensorflow:cpu`:
 * on the CPU. `reference`: plain JavaScript.
 */
export type EngineName =
  | "auto"
  | "onnx"
  | `onnx:${string}`
  | "tensorflow"
  | "tensorflow:cpu"
  | "reference";
