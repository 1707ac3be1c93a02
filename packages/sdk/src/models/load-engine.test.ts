import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loadEngine } from "./load-engine.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ligo-tfjs-node-gpu-"));
  vi.stubEnv("LIGO_TENSORFLOW", folder);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

describe("loadEngine", () => {
  it("refuses TensorFlow and providers that are not there", async () => {
    await expect(loadEngine("tensorflow")).rejects.toMatchObject({
      code: "engine/tensorflow-missing",
    });
    await expect(loadEngine("onnx:abacus")).rejects.toMatchObject({ code: "engine/no-provider" });
  });

  it("loads engines by either name, and for auto what LIGO_ENGINE names", async () => {
    expect((await loadEngine("webgpu")).name).toBe((await loadEngine("onnx:webgpu")).name);
    vi.stubEnv("LIGO_ENGINE", "reference");
    expect((await loadEngine("auto")).name).toBe("reference");
    expect((await loadEngine("onnx")).name).toBe("onnx");
  });
});
