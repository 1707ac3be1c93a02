import { afterEach, expect, it, vi } from "vitest";
import { examineMachine } from "./examine-machine.js";
import { places } from "./places.js";

afterEach(() => vi.unstubAllEnvs());

it("A machine has an engine that computes, versions, and a token that is never told", async () => {
  vi.stubEnv("HF_TOKEN", "hf_secret");
  vi.stubEnv("HF_HOME", "/nonexistent");
  const report = await examineMachine();
  expect(JSON.stringify(report)).not.toContain("hf_secret");
  expect(report.hub).toMatchObject({ hasToken: true, offline: true });
  expect(report.caches.models).toEqual({ path: "/nonexistent/hub", exists: false });
  expect(report.engines.find(({ name }) => name === "onnx")).toMatchObject({
    works: true,
    rate: { flopsPerSecond: expect.any(Number) as number },
  });
  expect(report.auto).toEqual({ engine: "onnx", reason: "LIGO_ENGINE names it." });
  expect(report.variables["LIGO_ENGINE"]).toBe("onnx");
  expect(Object.keys(report.versions)).toEqual([
    "ligo",
    "node",
    "onnxruntime-node",
    "@tensorflow/tfjs-core",
  ]);
});

it("Settings of the hub that cannot be used are a line of the report", async () => {
  const { caches, hub } = await places({ HF_TOKEN: "two words", LIGO_CACHE: "/nonexistent" });
  expect(hub).toEqual({ problem: expect.stringContaining("is not an access token") as string });
  expect(JSON.stringify(hub)).not.toContain("two words");
  expect(caches).toEqual({ tokens: { path: "/nonexistent", exists: false } });
});
