import { describe, expect, it } from "vitest";
import { createOnnxEngine } from "./onnx-engine.js";
import { env } from "./onnxruntime.js";
import { onnxProviders, sessionError } from "./providers.js";

describe("onnxruntime's providers", () => {
  it("are those of the installed build", () => {
    expect(onnxProviders()[0]).toBe("cpu");
    expect(new Set(onnxProviders()).size).toBe(onnxProviders().length);
    expect(createOnnxEngine({ provider: "cpu" }).name).toBe("onnx");
    for (const provider of onnxProviders().slice(1))
      expect(createOnnxEngine({ provider }).name).toBe(
        provider === "webgpu" ? "webgpu" : `onnx:${provider}`,
      );
  });

  it("are listed where one is not among them", () => {
    expect(() => createOnnxEngine({ provider: "abacus" })).toThrow(
      expect.objectContaining({
        code: "engine/no-provider",
        message: expect.stringContaining(`It has: ${onnxProviders().join(", ")}.`) as string,
      }),
    );
  });

  it("that cannot start a step say what is missing", () => {
    const cause = new Error("Failed to load shared library");
    expect(sessionError("cpu", cause)).toMatchObject({ code: "engine/compile" });
    const { code, message } = sessionError("cuda", cause);
    expect(code).toBe("engine/provider");
    expect(message).toMatch(/provider cuda \(Failed to load shared library\)\. Its.*npm rebuild/su);
    expect(sessionError("webgpu", cause).message).toContain("Vulkan");
  });

  it("that cannot start print nothing beside the error", () => {
    // the default, `warning`, prints a red line of its own where a library of a provider is missing
    expect(env.logLevel).toBe("fatal");
  });
});
