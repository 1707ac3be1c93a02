import type { Engine } from "@ligo/engine";
import type { Multiply } from "@ligo/core";
import type { EngineName } from "./engine-name.js";

/** Loads an engine. Nothing of it is loaded before. */
export async function loadEngine(name: EngineName): Promise<Engine> {
  const engines = await import("@ligo/engine");
  if (name === "reference") return engines.createReferenceEngine();
  if (name === "tensorflow") return engines.createTensorFlowEngine();
  if (name === "tensorflow:cpu") return engines.createTensorFlowEngine({ device: "cpu" });
  if (name.startsWith("onnx:"))
    return engines.createOnnxEngine({ provider: name.slice("onnx:".length) });
  const gpu =
    name === "auto" && engines.hasNativeTensorFlow() ? await gpuEngine(engines) : undefined;
  return gpu ?? engines.createOnnxEngine();
}

let gpu: Promise<Engine | undefined> | undefined;

/** The `tensorflow` engine; where it is installed but finds no GPU, `undefined` and a warning, once. */
function gpuEngine(engines: typeof import("@ligo/engine")): Promise<Engine | undefined> {
  gpu ??= engines.createTensorFlowEngine().catch((error: unknown) => {
    if (!engines.EngineError.isInstance(error)) throw error;
    process.emitWarning(`The onnx engine computes. ${error.message}`, { code: error.code });
    return undefined;
  });
  return gpu;
}

/** The engine's matrix product; `undefined` (so plain TypeScript) for `reference`, and where it cannot be loaded. */
export async function loadMultiply(name: EngineName): Promise<Multiply | undefined> {
  if (name === "reference") return undefined;
  try {
    // Not all of the engine: TensorFlow.js takes longer to load than a small model to grow.
    const { createMultiply } = await import("@ligo/engine/multiply");
    return await createMultiply();
  } catch {
    return undefined;
  }
}
