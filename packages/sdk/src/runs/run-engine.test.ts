import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Context } from "../context.js";
import type { StoredRecipe } from "./recipe.js";
import { checkEngine, keptEngine, withOwnEngine } from "./run-engine.js";

const recipe = (engine: string, inputs: Readonly<Record<string, string>>): StoredRecipe => ({
  command: "train",
  settings: { engine, steps: 3 },
  inputs,
  versions: {},
  sha256: "",
});

describe("the engine of a run", () => {
  it("is the one that computed, where an older recipe seals auto", () => {
    const engineOf = (sealed: string, inputs: Readonly<Record<string, string>>): unknown =>
      withOwnEngine(recipe(sealed, inputs)).settings["engine"];
    expect(engineOf("auto", { engine: "onnx" })).toBe("onnx");
    expect(engineOf("auto", { engine: "onnx:webgpu" })).toBe("webgpu");
    expect(engineOf("auto", {})).toBe("auto");
    expect(engineOf("reference", { engine: "onnx" })).toBe("reference");
    expect(withOwnEngine(recipe("auto", { engine: "onnx" })).settings["steps"]).toBe(3);
  });

  it("stays, whatever this machine has", () => {
    expect(keptEngine("run", "webgpu", undefined)).toBe("webgpu");
    expect(keptEngine("run", "webgpu", "auto")).toBe("webgpu");
    expect(keptEngine("run", "webgpu", "onnx:webgpu")).toBe("webgpu");
    expect(() => keptEngine("run", "webgpu", "onnx")).toThrow(
      expect.objectContaining({
        code: "run/changed",
        message: expect.stringContaining('engine was "webgpu" and is "onnx"') as string,
      }),
    );
  });
});

describe("an engine that a run goes on with", () => {
  let folder: string | undefined;
  afterEach(() => {
    vi.unstubAllEnvs();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  it("must start here", async () => {
    folder = mkdtempSync(join(tmpdir(), "ligo-tfjs-node-gpu-"));
    vi.stubEnv("LIGO_TENSORFLOW", folder);
    const context = { emit: () => undefined } as unknown as Context;
    await expect(checkEngine("run", "onnx", context)).resolves.toBeUndefined();
    await expect(checkEngine("run", "tensorflow", context)).rejects.toMatchObject({
      code: "run/no-engine",
      message: expect.stringMatching(
        /begun on the engine tensorflow, which cannot start here.*LIGO_TENSORFLOW.*Go on where it can start/su,
      ) as string,
    });
  });
});
