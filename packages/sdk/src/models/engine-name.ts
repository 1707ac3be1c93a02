/**
 * Engine that computes. `auto`: `tensorflow` where its package is installed and uses a GPU, else `webgpu` where there is a
 * GPU, else `onnx`. `onnx`: onnxruntime on the CPU; `onnx:<provider>`: on another of its execution providers (`onnx:cuda`).
 * `webgpu`, also `onnx:webgpu`: any GPU, through onnxruntime. `tensorflow`: TensorFlow on a GPU; `tensorflow:cpu`: on the CPU.
 * `reference`: plain JavaScript.
 */
export type EngineName =
  | "auto"
  | "onnx"
  | `onnx:${string}`
  | "webgpu"
  | "tensorflow"
  | "tensorflow:cpu"
  | "reference";

/** An engine by its own name. */
export type OwnEngineName = Exclude<EngineName, "auto">;

export const ENGINE_NAME: RegExp =
  /^(auto|onnx|onnx:[a-z]+|webgpu|tensorflow|tensorflow:cpu|reference)$/u;

/** Names of engines in words. */
export const ENGINE_NAMES =
  "auto, onnx, onnx:<provider> (cuda, ...), webgpu, tensorflow, tensorflow:cpu or reference";
