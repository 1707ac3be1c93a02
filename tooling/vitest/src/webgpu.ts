/** The driver that tests of WebGPU run on, for tests of other packages than the engine's. */
export {
  useWebGpuDriver,
  webgpuDriver,
  webgpuName,
  type WebGpuDriver,
} from "../../../packages/engine/src/__fixtures__/webgpu.js";
