import { afterEach, describe, expect, it, vi } from "vitest";
import { useWebGpuDriver, webgpuDriver, webgpuName } from "./webgpu.js";

describe("the driver of WebGPU's tests", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it("is an error where it is required and missing, and a reason in titles elsewhere", () => {
    vi.spyOn(process, "platform", "get").mockReturnValue("darwin");
    vi.stubEnv("LIGO_REQUIRE_WEBGPU", "");
    expect(webgpuDriver()).toBeUndefined();
    expect(useWebGpuDriver()).toBe(false);
    expect(webgpuName()).toBe("webgpu (skipped: these tests choose their driver on Linux only)");
    vi.stubEnv("LIGO_REQUIRE_WEBGPU", "1");
    expect(() => webgpuDriver()).toThrow(/LIGO_REQUIRE_WEBGPU=1, but .* on Linux only\./u);
  });
});
