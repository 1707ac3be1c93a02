import * as ort from "../onnx/onnxruntime.js";
import { sessionError } from "../onnx/providers.js";

/** onnxruntime's name of the provider. */
export const PROVIDER = "webgpu";

/** Where an output is left. */
export type Location = "gpu-buffer" | "cpu";

/** A session on the device. */
export interface DeviceSession {
  readonly session: ort.InferenceSession;
  /** Whether it computes some of its operations on the CPU. */
  readonly usesHost: boolean;
}

export interface SessionOptions {
  /** Where each output is left, by its name. */
  readonly locations: Readonly<Record<string, Location>>;
  /** Write onnxruntime's profile to files with this prefix. */
  readonly profile?: string | undefined;
}

/** What onnxruntime says where an operation would be left to the CPU. */
const FALLS_BACK = "fallback to CPU EP has been explicitly disabled";

/**
 * Opens a session, on the device alone if it has all operations. Throws `engine/provider`.
 */
export async function openSession(
  model: Uint8Array,
  options: SessionOptions,
): Promise<DeviceSession> {
  try {
    return { session: await create(model, options, false), usesHost: false };
  } catch (cause) {
    if (!(cause instanceof Error && cause.message.includes(FALLS_BACK)))
      throw sessionError(PROVIDER, cause);
  }
  try {
    return { session: await create(model, options, true), usesHost: true };
  } catch (cause) {
    throw sessionError(PROVIDER, cause);
  }
}

function create(
  model: Uint8Array,
  { locations, profile }: SessionOptions,
  mayUseHost: boolean,
): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(model, {
    executionProviders: [PROVIDER],
    executionMode: "sequential",
    graphOptimizationLevel: "basic",
    enableMemPattern: false,
    // Where the first try is refused, another follows: its complaint is for nobody.
    logSeverityLevel: mayUseHost ? 3 : 4,
    preferredOutputLocation: locations,
    extra: { session: { disable_cpu_ep_fallback: mayUseHost ? "0" : "1" } },
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
  });
}
