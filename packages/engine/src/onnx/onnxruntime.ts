/**
 * onnxruntime, without its usage reports: from 1.29 on its builds for Linux and macOS send what they run to their maker, and
 * keep an identifier of the device, unless this is set before the first session. Who wants them sets it to `0`.
 */
process.env["ORT_DISABLE_TELEMETRY"] ??= "1";

export * from "onnxruntime-node";
