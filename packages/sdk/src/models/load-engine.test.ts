import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadEngine } from "./load-engine.js";

const before = process.env["LIGO_TENSORFLOW"];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ligo-tfjs-node-gpu-"));
  process.env["LIGO_TENSORFLOW"] = folder;
});

afterEach(async () => {
  if (before === undefined) delete process.env["LIGO_TENSORFLOW"];
  else process.env["LIGO_TENSORFLOW"] = before;
  await rm(folder, { recursive: true });
});

describe("loadEngine", () => {
  it("refuses TensorFlow and providers that are not there", async () => {
    await expect(loadEngine("tensorflow")).rejects.toMatchObject({
      code: "engine/tensorflow-missing",
    });
    await expect(loadEngine("onnx:abacus")).rejects.toMatchObject({ code: "engine/no-provider" });
  });

  it("takes onnx by itself where TensorFlow is there but of no use, and says so once", async () => {
    await writeFile(join(folder, "index.js"), `throw new Error("no binding");`);
    const warnings: Error[] = [];
    const listen = (warning: Error): number => warnings.push(warning);
    process.on("warning", listen);
    try {
      expect((await loadEngine("auto")).name).toBe("onnx");
      expect((await loadEngine("auto")).name).toBe("onnx");
      await new Promise(setImmediate); // warnings are emitted in a later turn
    } finally {
      process.off("warning", listen);
    }
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ code: "engine/tensorflow-library" });
    expect(warnings[0]?.message).toMatch(/^The onnx engine computes\. .*no binding/u);
  });
});
