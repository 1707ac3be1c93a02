import type { Engine } from "../program.js";
import { createWebGpuEngine } from "../webgpu/webgpu-engine.js";
import { useWebGpuDriver, webgpuName } from "./webgpu.js";

/**
 * The `webgpu` engine, where tests have a driver for it; tests of it are skipped elsewhere, and `webGpuName`, which stands
 * in their titles, says why.
 */
export const webGpuEngine: Engine | undefined = useWebGpuDriver() ? createWebGpuEngine() : undefined;

export const webGpuName: string = webgpuName();
