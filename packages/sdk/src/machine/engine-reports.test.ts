import type { ProbeAnswer, RatedEngine } from "@ligo/engine/adapters";
import { describe, expect, it } from "vitest";
import { engineReports, type EngineFacts, type EngineReport } from "./engine-reports.js";

const RATE: ProbeAnswer = { type: "rate", size: 1024, flopsPerSecond: 5e10 };

const FACTS: EngineFacts = {
  providers: ["cpu", "webgpu", "cuda"],
  search: { adapter: undefined, reason: "No Vulkan driver is installed.", help: "Install one." },
  hasTensorFlow: false,
  hasNvidia: false,
  processor: "A Processor, 8 cores",
  installTensorFlow: "npm install it",
  providerHelp: (provider) => (provider === "cuda" ? "npm rebuild it" : ""),
  measure: async () => ({ answers: [RATE], log: "" }),
};

async function reports(
  facts: Partial<EngineFacts>,
): Promise<Readonly<Record<string, Omit<EngineReport, "name">>>> {
  const all = await engineReports({ ...FACTS, ...facts });
  return Object.fromEntries(all.map(({ name, ...rest }) => [name, rest]));
}

const keyOf = (engine: RatedEngine): string =>
  engine.library === "onnxruntime" ? engine.provider : engine.device;

describe("engines of a machine", () => {
  it("are measured where they start, and say why and what to do where not", async () => {
    const refused: ProbeAnswer = {
      type: "refused",
      message: "OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library",
    };
    const found = await reports({
      hasNvidia: true,
      measure: async (engine) => ({
        answers: [keyOf(engine) === "cuda" ? refused : RATE],
        log: "",
      }),
    });
    expect(found).toEqual({
      onnx: {
        works: true,
        says: "A Processor, 8 cores",
        rate: { size: 1024, flopsPerSecond: 5e10 },
      },
      webgpu: { works: false, says: "No Vulkan driver is installed.", help: "Install one." },
      tensorflow: {
        works: false,
        says: "@tensorflow/tfjs-node-gpu is not installed.",
        help: "npm install it",
      },
      "onnx:cuda": {
        works: false,
        says: "Failed to load shared library",
        help: "npm rebuild it",
      },
    });
  });

  it("have no advice on CUDA where no NVIDIA card is seen", async () => {
    const failing = async (): Promise<{ answers: []; log: string; failure: string }> => ({
      answers: [],
      log: "",
      failure: "The process was ended by SIGABRT.",
    });
    const found = await reports({ measure: failing });
    const says = "It is for NVIDIA's cards, and none is seen.";
    expect(found["onnx:cuda"]).toEqual({ works: false, says });
    expect(found["tensorflow"]).toEqual({ works: false, says });
    expect(found["onnx"]).toEqual({ works: false, says: "The process was ended by SIGABRT." });
  });

  it("are called software where they are, and TensorFlow on both devices where it is installed", async () => {
    const adapter = { name: "llvmpipe", backend: "Vulkan", isSoftware: true, limits: {} } as const;
    const message = "It uses no GPU.\nIt needs CUDA.";
    const found = await reports({
      search: { adapter },
      hasTensorFlow: true,
      measure: async (engine) => ({
        answers: [keyOf(engine) === "gpu" ? { type: "refused", message } : RATE],
        log: "",
      }),
    });
    expect(found["webgpu"]).toMatchObject({
      works: true,
      says: "llvmpipe, a renderer in software",
    });
    expect(found["tensorflow"]).toEqual({
      works: false,
      says: "It uses no GPU.",
      help: "It needs CUDA.",
    });
    expect(found["tensorflow:cpu"]).toMatchObject({ works: true });
  });
});
