import type { Engine } from "@ligo/engine";
import type { Multiply } from "@ligo/core";

/** `auto` takes the fastest engine that is there: for now always `onnx`. */
export type EngineName = "auto" | "onnx" | "reference";

/** Loads an engine. Nothing of it is loaded before. */
export async function loadEngine(name: EngineName): Promise<Engine> {
  const { createOnnxEngine, createReferenceEngine } = await import("@ligo/engine");
  return name === "reference" ? createReferenceEngine() : createOnnxEngine();
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
