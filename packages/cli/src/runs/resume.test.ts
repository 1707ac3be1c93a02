import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ligoJson, temporaryFolder } from "../__fixtures__/run-ligo.js";
import { tinyModel, TINY_TARGET } from "../__fixtures__/tiny-model.js";
import { checkpointsOf, ligoUntil, remainsOf } from "./__fixtures__/tiny-runs.js";
import type { TrainResult } from "../training/train-checkpoint.js";

const BATCH = ["--batch", "4", "--steps", "10", "--lr", "3e-3"];

describe("a run that is interrupted", () => {
  it.each([
    ["train", []],
    ["train", ["--accumulate", "2", "--eval-every", "4"]],
    ["grow", ["--to", TINY_TARGET]],
    ["grow", ["--to", TINY_TARGET, "--accumulate", "2", "--form", "source-layer", "--no-eval"]],
  ])("is resumed as if it had not been: ligo %s %j", async (command, more) => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const argv = [command, checkpoint, "--data", text, ...BATCH, ...more];
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
});
