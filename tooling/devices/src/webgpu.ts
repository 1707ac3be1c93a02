import type { Engine } from "@ligo/engine";
import { webGpuEngine } from "../../../packages/engine/src/__fixtures__/webgpu-engine.js";

export { webGpuName } from "../../../packages/engine/src/__fixtures__/webgpu-engine.js";

/** An engine that refuses programs that it would leave to the CPU in part. */
const onDeviceOnly = (engine: Engine): Engine => ({
  name: engine.name,
  async compile(program, values) {
    const compiled = await engine.compile(program, values);
    if (compiled.info.usesHost === false) return compiled;
    await compiled.dispose();
    throw new Error("An operation of this program is left to the CPU.");
  },
});

/** The `webgpu` engine with nothing left to the CPU, where tests have a driver for it. */
export const webgpu: Engine | undefined = webGpuEngine && onDeviceOnly(webGpuEngine);
