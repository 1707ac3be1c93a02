import type { Engine } from "@ligo/engine";
import type { Multiply } from "@ligo/core";
import { autoEngine, ownName } from "./choose-engine.js";
import type { EngineName } from "./engine-name.js";

/** Loads an engine. Nothing of it is loaded before. */
export async function loadEngine(asked: EngineName): Promise<Engine> {
  const name = ownName(asked === "auto" ? (await autoEngine()).engine : asked);
  const engines = await import("@ligo/engine");
  if (name === "reference") return engines.createReferenceEngine();
  if (name === "tensorflow") return engines.createTensorFlowEngine();
  if (name === "tensorflow:cpu") return engines.createTensorFlowEngine({ device: "cpu" });
  if (name === "webgpu") return engines.createWebGpuEngine();
  if (name.startsWith("onnx:"))
    return engines.createOnnxEngine({ provider: name.slice("onnx:".length) });
  return engines.createOnnxEngine();
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
