export { graphicsDevices, type GraphicsDevice } from "./graphics-devices.js";
export type { ProbeAnswer, RatedEngine } from "./probe-request.js";
export { runProbe, type ProbeOutcome } from "./run-probe.js";
export {
  findBindingLimit,
  plainlyNoGpu,
  webgpuAdapter,
  type AdapterSearch,
  type WebGpuAdapter,
} from "./webgpu-adapter.js";
