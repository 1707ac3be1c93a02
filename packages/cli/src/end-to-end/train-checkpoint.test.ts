import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ligo, ligoJson, namesIn, temporaryFolder } from "../__fixtures__/run-ligo.js";
import { tinyConfig, tinyModel, TINY_CONFIG } from "@ligo/vitest/tiny-model";
import type { EvaluateResult, TrainResult } from "../__fixtures__/json-results.js";
import type { EvaluationMetrics, StepMetrics } from "@ligo/sdk/runs";

type Line = StepMetrics | EvaluationMetrics;

const linesOf = (folder: string): Line[] =>
  readFileSync(join(folder, "metrics.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
const isStep = (line: Line): line is StepMetrics => "learning_rate" in line;

describe("ligo train", () => {
  it("trains a config from scratch and notes every step", async () => {
    const folder = temporaryFolder();
    const { config, text } = await tinyConfig(join(folder, "start"));
    const out = join(folder, "trained");
    const argv = ["train", config, "--data", text, "--out", out, "--steps", "3", "--batch", "4"];
    const result = await ligoJson<TrainResult>([...argv, "--warmup", "1", "--eval-every", "2"]);

    const lines = linesOf(out);
    expect(lines.map((line) => `${isStep(line) ? "step" : "held out"} ${line.step}`)).toEqual([
      "held out 0",
      "step 1",
      "step 2",
      "held out 2",
      "step 3",
      "held out 3",
    ]);
    const steps = lines.filter(isStep);
    expect(Object.keys(steps[0] ?? {})).toEqual([
      "step",
      "loss",
      "gradient_norm",
      "learning_rate",
      "tokens",
      "flops",
      "seconds",
      "tokens_per_second",
      "seconds_left",
    ]);
    expect(steps.at(-1)?.seconds_left).toBe(0);
    // A new model knows nothing: every one of the 100 tokens is about as likely.
    expect(Math.abs((steps[0]?.loss ?? 0) - Math.log(100))).toBeLessThan(0.1);
    expect(steps.map(({ tokens }) => tokens)).toEqual([64, 128, 192]);
    // Full at once after one step of warm-up, then falling to zero over two.
    const rates = steps.map((line) => line.learning_rate);
    expect(rates).toBeAllClose([1e-4, 1e-4, 0.5e-4], { absolute: 1e-12 });

    expect(namesIn(out)).toEqual([
      "config.json",
      "events.out.tfevents.ligo",
      "ligo.json",
      "metrics.jsonl",
      "model.safetensors",
      "recipe.json",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
    const written = JSON.parse(readFileSync(join(out, "config.json"), "utf8")) as unknown;
    expect(written).toEqual(TINY_CONFIG);

    const evaluation = ["eval", out, "--data", text, "--batch", "4"];
    const found = await ligoJson<EvaluateResult>(evaluation);
    expect(found.loss).toBeCloseTo(result.held_out.loss, 6);
    expect(found.perplexity).toBeCloseTo(Math.exp(found.loss), 6);
    const all = await ligoJson<EvaluateResult>([...evaluation, "--all"]);
    expect(all.blocks).toBeGreaterThan(10 * (found.blocks ?? 0));
  });

  it("trains a checkpoint on, the same each time, and gets better", async () => {
    const folder = temporaryFolder();
    const { config, text } = await tinyConfig(join(folder, "start"));
    const options = ["--data", text, "--batch", "8", "--lr", "3e-3", "--quiet"];
    const first = join(folder, "first");
    await ligoJson(["train", config, "--out", first, ...options, "--steps", "40"]);
    const on = (out: string): Promise<TrainResult> =>
      ligoJson<TrainResult>(["train", first, "--out", out, ...options, "--steps", "10"]);
    const [second, again] = [join(folder, "second"), join(folder, "again")];
    const result = await on(second);
    await on(again);
    const [one, two] = [second, again].map((out) => readFileSync(join(out, "model.safetensors")));
    expect(one?.equals(two ?? Buffer.alloc(0))).toBe(true);

    const before = await ligoJson<EvaluateResult>(["eval", first, "--data", text, "--batch", "8"]);
    expect(before.loss).toBeLessThan(Math.log(100) - 1);
    expect(result.held_out.loss).toBeLessThan(before.loss);
    expect(linesOf(second).find(isStep)?.loss).toBeLessThan(Math.log(100) - 1);
  });

  it("keeps nothing of a run that fails before its first checkpoint", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const before = readdirSync(folder);
    const out = join(folder, "out");
    const argv = ["train", checkpoint, "--data", text, "--out", out, "--batch", "2"];
    const failed = await ligo([...argv, "--lr", "1e30", "--warmup", "0", "--clip", "1e30"]);
    expect(failed.code).toBe(2);
    expect(failed.stderr).toMatch(/run\/diverged.*Nothing was kept/);
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(folder)).toEqual(before);
  });
});
