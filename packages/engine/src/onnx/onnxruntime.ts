import { createRequire } from "node:module";
import type * as Runtime from "onnxruntime-node";
import { loadRuntime } from "./load-runtime.js";

/**
 * onnxruntime, without its usage reports: from 1.29 on its builds for Linux and macOS send what they run to their maker, and
 * keep an identifier of the device, unless this is set before the first session. Who wants them sets it to `0`.
 */
process.env["ORT_DISABLE_TELEMETRY"] ??= "1";

const runtime = loadRuntime(createRequire(import.meta.url)) as typeof Runtime;

// what its log would print of a failure in red is the message of the error that is thrown
runtime.env.logLevel = "fatal";

export const InferenceSession: typeof Runtime.InferenceSession = runtime.InferenceSession;
export type InferenceSession = Runtime.InferenceSession;
export const Tensor: typeof Runtime.Tensor = runtime.Tensor;
export type Tensor = Runtime.Tensor;
export const env: typeof Runtime.env = runtime.env;
export const listSupportedBackends: typeof Runtime.listSupportedBackends =
  runtime.listSupportedBackends;
