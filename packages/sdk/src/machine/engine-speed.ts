import type { RatedEngine } from "@ligo/engine/adapters";
import { autoEngine, ownName } from "../models/choose-engine.js";
import type { EngineName, OwnEngineName } from "../models/engine-name.js";

/** Speed that steps of training and of learning may be expected to have on this machine. */
export interface EngineSpeed {
  readonly engine: OwnEngineName;
  /** Floating-point operations of matrix products a second. */
  readonly flopsPerSecond: number;
}

/** Share of the speed of a large product that steps reach, on the processors it was measured on (docs/performance.md). */
const REACHED = 0.65;
/** Seconds that products are measured for, and rows of their matrices: on a busy machine small ones measure its scheduler. */
const MEASURED = { seconds: 0.3, rows: 512 };

/**
 * Measures an engine, in a process of its own and for less than a second, and says how fast steps will be: an estimate, as small
 * models reach less of an engine's speed. `undefined` where it cannot be measured.
 */
export async function engineSpeed(asked: EngineName = "auto"): Promise<EngineSpeed | undefined> {
  const engine = asked === "auto" ? (await autoEngine()).engine : ownName(asked);
  const rated = ratedEngine(engine);
  if (rated === undefined) return undefined;
  const { runProbe } = await import("@ligo/engine/adapters");
  const { answers } = await runProbe({ task: "rate", engine: rated, ...MEASURED });
  const rate = answers.find((answer) => answer.type === "rate");
  return rate && { engine, flopsPerSecond: REACHED * rate.flopsPerSecond };
}

/** An engine as its process measures it; the engine of tests is not measured. */
function ratedEngine(engine: OwnEngineName): RatedEngine | undefined {
  const [name, part] = engine.split(":");
  if (name === "webgpu") return { library: "onnxruntime", provider: "webgpu" };
  if (name === "onnx") return { library: "onnxruntime", provider: part ?? "cpu" };
  if (name !== "tensorflow") return undefined;
  return { library: "tensorflow", device: part === "cpu" ? "cpu" : "gpu" };
}
