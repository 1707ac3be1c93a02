import { EngineError } from "./engine-error.js";
import type { Program } from "./program.js";

/** Error for a program in half precision where an engine, or the device that it computes on, has none. */
export function noHalf(engine: string, reason: string, cause?: unknown): EngineError {
  return new EngineError(
    "engine/no-half",
    `The engine ${engine} cannot multiply matrices in half precision: ${reason} Take \`precision: "f32"\`, or another engine.`,
    { expected: "float16", actual: engine, ...(cause === undefined ? {} : { cause }) },
  );
}

/** Throws `engine/no-half` for a program in half precision, for engines that compute in float32 alone. */
export function requireFloat32({ precision }: Program, engine: string): void {
  if (precision === "f16") throw noHalf(engine, "it computes in float32 alone.");
}
