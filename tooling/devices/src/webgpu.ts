import type { Engine } from "@ligo/engine";
import { webGpuEngine } from "../../../packages/engine/src/__fixtures__/webgpu-engine.js";

export { webGpuName } from "../../../packages/engine/src/__fixtures__/webgpu-engine.js";

/** The `webgpu` engine, where tests have a driver for it; it refuses programs that it would leave to the CPU in part. */
export const webgpu: Engine | undefined = webGpuEngine && {
  name: webGpuEngine.name,
  async compile(program, values) {
    const compiled = await webGpuEngine.compile(program, values);
    if (compiled.info.usesHost === false) return compiled;
    await compiled.dispose();
    throw new Error("An operation of this program is left to the CPU.");
  },
};
