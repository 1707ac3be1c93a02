import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ligo, ligoJson, temporaryFolder, type Ran } from "../__fixtures__/run-ligo.js";
import { tinyModel, TINY_TARGET } from "@ligo/vitest/tiny-model";
import { checkpointsOf, ligoUntil, metricsOf, remainsOf } from "./__fixtures__/tiny-runs.js";
import type { TrainResult } from "../__fixtures__/json-results.js";
import type { EvaluationMetrics } from "@ligo/sdk/runs";

const BATCH = ["--batch", "4", "--steps", "10", "--lr", "3e-3"];

describe("a run", () => {
  it.each([
    ["train", []],
    ["train", ["--accumulate", "2", "--eval-every", "4"]],
    ["train", ["--steps-before", "7", "--schedule-steps", "30"]],
    // the teacher's last step is where the run is stopped, and between two stops
    ["train", ["--teacher", "SOURCE", "--teacher-steps", "4"]],
    ["train", ["--teacher", "SOURCE", "--teacher-steps", "6", "--accumulate", "2"]],
    ["train", ["--drop-tokens", "0.15"]],
    ["train", ["--drop-layers", "0.5", "--accumulate", "2"]],
    ["train", ["--precision", "f16"]],
    ["grow", ["--to", TINY_TARGET]],
    ["grow", ["--to", TINY_TARGET, "--accumulate", "2", "--form", "source-layer", "--no-eval"]],
    ["grow", ["--to", TINY_TARGET, "--accumulate", "2", "--precision", "f16"]],
  ])("that is interrupted is resumed as if it had not been: ligo %s %j", async (command, more) => {
    const folder = temporaryFolder();
    // tokens are dropped between a first and a last layer
    const layers = more.includes("--drop-tokens") ? { num_hidden_layers: 3 } : {};
    const { checkpoint, text } = await tinyModel(join(folder, "small"), layers);
    const options = more.map((word) => (word === "SOURCE" ? checkpoint : word));
    const argv = [command, checkpoint, "--data", text, ...BATCH, ...options];
    const [whole, out] = [join(folder, "whole"), join(folder, "stopped")];
    const expected = await ligoJson<TrainResult>([...argv, "--out", whole]);

    const first = await ligoUntil(4, [...argv, "--out", out]);
    expect(first.code).toBe(130);
    expect(Object.keys(checkpointsOf(out))).toEqual(["step-4"]);
    const second = await ligoUntil(7, [command, "--resume", out]);
    expect(second.code).toBe(130);
    const actual = await ligoJson<TrainResult>([command, "--resume", out]);
    expect(remainsOf(out)).toEqual(remainsOf(whole));
    const { seconds: _one, peak_memory_bytes: _two, ...results } = expected;
    expect(actual).toMatchObject({
      ...JSON.parse(JSON.stringify(results)),
      out,
      ...nextOf(actual),
    });
    expect(existsSync(join(out, "run.lock"))).toBe(false);
    // to resume what is finished does nothing and says the same
    const before = readdirSync(out);
    const again = await ligoJson<TrainResult>([command, "--resume", out]);
    // of a growth the peak is looked up twice, for the record and for the result
    expect({ ...again, peak_memory_bytes: 0 }).toEqual({ ...actual, peak_memory_bytes: 0 });
    expect(readdirSync(out)).toEqual(before);
  });

  const nextOf = (result: object): object =>
    "next" in result ? { next: expect.stringContaining("ligo train") as unknown } : {};

  it("is no other process's while it lasts", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const out = join(folder, "out");
    const argv = ["train", checkpoint, "--data", text, ...BATCH];
    let second: Promise<Ran> | undefined;
    const first = await ligo([...argv, "--save-every", "2", "--out", out], {
      stderr: (words) => {
        if (words.startsWith("train 5/")) second = ligo(["train", "--resume", out]);
      },
    });
    expect(first.code).toBe(0);
    expect(await second).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`error [run/locked]: ${out} is in use by process`) as string,
    });
  });

  it("keeps the last checkpoints and the best, and says which that is", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const out = join(folder, "out");
    // so fast that it gets worse and worse
    const argv = ["train", checkpoint, "--data", text, "--batch", "4", "--steps", "8", "--lr", "5"];
    const often = ["--eval-every", "1", "--save-every", "1", "--keep", "2"];
    await ligoJson([...argv, "--warmup", "30", ...often, "--out", out]);
    const losses = metricsOf(out).flatMap((line) => {
      const { step, held_out_loss: loss } = line as EvaluationMetrics;
      return loss === undefined || step === 0 ? [] : [{ step, loss }];
    });
    const [best] = losses.toSorted((a, b) => a.loss - b.loss);
    const { step = 0, loss } = best ?? {};
    expect(step).toBeLessThan(7);
    const kept = Object.keys(checkpointsOf(out)).toSorted();
    expect(kept).toEqual([`step-${step}`, "step-7", "step-8"]);
    const mark = JSON.parse(readFileSync(join(out, "checkpoints", "best.json"), "utf8")) as unknown;
    expect(mark).toEqual({ folder: `step-${step}`, step, held_out_loss: loss });
  });

  it("is saved after some minutes where nothing else is said, and a short one not at all", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const argv = ["train", checkpoint, "--data", text, "--batch", "4", "--steps", "2"];
    const [short, long] = [join(folder, "short"), join(folder, "long")];
    await ligoJson([...argv, "--out", short]);
    expect(existsSync(join(short, "checkpoints"))).toBe(false);
    await ligoJson([...argv, "--out", long, "--save-minutes", "1e-9"]);
    expect(Object.keys(checkpointsOf(long))).toEqual(["step-1", "step-2"]);
  });
});
