import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openSafetensors } from "@ligo/checkpoint";
import { tinyModel, TINY_TARGET } from "@ligo/vitest/tiny-model";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useWebGpuDriver, webgpuName } from "@ligo/vitest/webgpu";
import { ligoJson, temporaryFolder } from "../__fixtures__/run-ligo.js";
import { buildLigo, ligoProcess, removeBuilt } from "./__fixtures__/kills.js";
import { metricsOf } from "./__fixtures__/tiny-runs.js";

const isThere = useWebGpuDriver();
const STEPS = ["--batch", "4", "--steps", "8", "--lr", "3e-3", "--warmup", "2", "--no-cache"];

/** Losses of the steps of a run, by step. */
const lossesOf = (folder: string): Record<string, number> =>
  Object.fromEntries(
    (metricsOf(folder) as { step: number; loss?: number }[]).flatMap(({ step, loss }) =>
      loss === undefined ? [] : [[String(step), loss]],
    ),
  );

async function weightsOf(folder: string): Promise<Map<string, Float32Array>> {
  const file = await openSafetensors(join(folder, "model.safetensors"));
  try {
    const weights = new Map<string, Float32Array>();
    for (const name of file.tensors.keys()) weights.set(name, await file.read(name));
    return weights;
  } finally {
    await file.close();
  }
}

describe.skipIf(!isThere)(`runs on ${webgpuName()}`, { timeout: 240_000 }, () => {
  beforeAll(buildLigo, 60_000);
  afterAll(removeBuilt);

  it.each([
    ["train", [], "train 6/"],
    ["grow", ["--to", TINY_TARGET], "learn 6/"],
  ])("that are killed go on as unbroken ones: ligo %s", async (command, more, words) => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const argv = [command, checkpoint, "--data", text, ...STEPS, ...more, "--engine", "webgpu"];
    const [whole, out] = [join(folder, "whole"), join(folder, "killed")];
    expect(await ligoProcess([...argv, "--out", whole], { folder })).toMatchObject({ code: 0 });

    const moment = { by: "words", words, signals: ["SIGKILL"] } as const;
    const killed = await ligoProcess([...argv, "--save-every", "2", "--out", out], {
      folder,
      moment,
    });
    expect(killed.signal).toBe("SIGKILL");
    expect(await ligoProcess([command, "--resume", out], { folder })).toMatchObject({ code: 0 });

    const [expected, actual] = [lossesOf(whole), lossesOf(out)];
    expect(Object.keys(actual)).toEqual(Object.keys(expected));
    // a device may add repeated rows in another order
    for (const [step, loss] of Object.entries(expected))
      expect([actual[step]], `step ${step}`).toBeAllClose([loss], { relative: 1e-5 });
    const weights = await weightsOf(out);
    for (const [name, values] of await weightsOf(whole))
      expect(weights.get(name), name).toBeAllClose(values, { absolute: 1e-4 });
    expect(readFileSync(join(out, "recipe.json"), "utf8")).toContain('"webgpu"');
  });

  it("learn and measure what onnx does, under both of its names", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const grow = async (engine: string): Promise<number[]> => {
      const argv = ["grow", checkpoint, "--to", TINY_TARGET, "--data", text, ...STEPS];
      const out = join(folder, engine.replace(":", "-"));
      const { losses } = await ligoJson<{
        losses: { small: number; start: number; grown: number };
      }>([...argv, "--engine", engine, "--out", out]);
      return [losses.small, losses.start, losses.grown];
    };
    const expected = await grow("onnx");
    // float32 sums in another order, eight steps long
    expect(await grow("webgpu")).toBeAllClose(expected, { relative: 1e-5 });
    expect(await grow("onnx:webgpu")).toBeAllClose(expected, { relative: 1e-5 });
    expect(Math.abs((expected[2] as number) / (expected[1] as number) - 1)).toBeGreaterThan(1e-3);
  });
});
