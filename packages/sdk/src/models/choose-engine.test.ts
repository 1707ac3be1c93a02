import { EngineError } from "@ligo/engine";
import type { AdapterSearch, WebGpuAdapter } from "@ligo/engine/adapters";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { LigoEvent } from "../events.js";
import { autoEngine, chooseByMachine, chooseEngine, type ChoosingFacts } from "./choose-engine.js";

const GPU: WebGpuAdapter = {
  name: "NVIDIA H200",
  backend: "Vulkan",
  isSoftware: false,
  limits: {},
};
const NONE: AdapterSearch = {
  adapter: undefined,
  reason: "No Vulkan driver is installed.",
  help: "Install one.",
};

interface Machine {
  readonly tensorflow?: "gpu" | "broken";
  readonly plainly?: AdapterSearch;
  readonly adapter?: AdapterSearch;
}

const factsOf = ({ adapter, plainly, tensorflow }: Machine): ChoosingFacts => ({
  hasNativeTensorFlow: () => tensorflow !== undefined,
  async startTensorFlow() {
    if (tensorflow === "gpu") return;
    throw new EngineError("engine/no-gpu", "TensorFlow uses no GPU.\nIt needs CUDA 11.2.");
  },
  plainlyNoGpu: () => plainly,
  async webgpuAdapter() {
    if (adapter === undefined) throw new Error("A process was started.");
    return adapter;
  },
});

describe("auto", () => {
  it.each<[Machine, string, string]>([
    [{ adapter: { adapter: GPU } }, "webgpu", "NVIDIA H200 computes, through Vulkan."],
    [
      { tensorflow: "gpu", adapter: { adapter: GPU } },
      "tensorflow",
      "TensorFlow is installed and uses a GPU.",
    ],
    [
      { tensorflow: "broken", adapter: { adapter: GPU } },
      "webgpu",
      "NVIDIA H200 computes, through Vulkan.",
    ],
    // no process is started where files tell
    [{ plainly: NONE }, "onnx", "No Vulkan driver is installed."],
    [
      { tensorflow: "broken", plainly: NONE },
      "onnx",
      "TensorFlow uses no GPU. No Vulkan driver is installed.",
    ],
    [{ adapter: NONE }, "onnx", "No Vulkan driver is installed."],
    [
      { adapter: { adapter: { ...GPU, name: "llvmpipe", isSoftware: true } } },
      "onnx",
      "llvmpipe computes in software, as far as its driver tells: no GPU.",
    ],
  ])("on %j is %s", async (machine, engine, reason) => {
    expect(await chooseByMachine(factsOf(machine))).toEqual({ engine, reason });
  });
});

describe("an engine that is asked for", () => {
  afterEach(() => vi.unstubAllEnvs());

  async function chosen(asked: Parameters<typeof chooseEngine>[0]): Promise<readonly unknown[]> {
    const events: LigoEvent[] = [];
    const engine = await chooseEngine(asked, { emit: (event) => void events.push(event) });
    return [engine, ...events];
  }

  it("is taken without a word, and what auto takes with a reason", async () => {
    expect(await chosen("onnx:cuda")).toEqual(["onnx:cuda"]);
    vi.stubEnv("LIGO_ENGINE", "tensorflow:cpu");
    expect(await chosen("auto")).toEqual(["tensorflow:cpu"]);
    vi.stubEnv("LIGO_ENGINE", "");
    const [engine, event] = await chosen("auto");
    expect(event).toEqual({
      type: "engine",
      engine,
      reason: expect.stringMatching(/\.$/u) as string,
    });
    vi.stubEnv("LIGO_ENGINE", "abacus");
    await expect(autoEngine()).rejects.toMatchObject({
      code: "sdk/bad-engine",
      message: expect.stringContaining('LIGO_ENGINE is "abacus"; it must be auto, onnx') as string,
    });
  });

  // elsewhere no variable takes the system's driver away
  it.runIf(process.platform === "linux")("is refused where WebGPU has no driver", async () => {
    vi.stubEnv("VK_DRIVER_FILES", "/nonexistent");
    vi.stubEnv("VK_ICD_FILENAMES", "/nonexistent");
    for (const name of ["webgpu", "onnx:webgpu"] as const)
      await expect(chosen(name)).rejects.toMatchObject({
        code: "engine/no-adapter",
        message: expect.stringMatching(
          /^The engine webgpu finds nothing to compute on\. /u,
        ) as string,
      });
  });
});
