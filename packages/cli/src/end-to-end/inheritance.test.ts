import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { gpt2 } from "@ligo/gpt2";
import { describe, expect, it } from "vitest";
import { ligo, ligoJson, temporaryFolder, type Ran } from "../__fixtures__/run-ligo.js";
import { tinyConfig, tinyModel, TINY_TARGET } from "@ligo/vitest/tiny-model";
import type { TrainResult } from "../__fixtures__/json-results.js";
import type { StepMetrics } from "@ligo/sdk/runs";

const run = (argv: readonly string[]): Promise<Ran> => ligo(argv, { architectures: [bert, gpt2] });

async function trained(argv: readonly string[]): Promise<StepMetrics[]> {
  const { code, stderr } = await run(argv);
  if (code !== 0) throw new Error(stderr);
  const out = argv[argv.indexOf("--out") + 1] ?? "";
  return readFileSync(join(out, "metrics.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as StepMetrics)
    .filter((line) => "learning_rate" in line);
}

/** A tiny GPT-2 after a step of training. */
async function tinyGpt2(folder: string): Promise<{ checkpoint: string; text: string }> {
  const { text } = await tinyConfig(join(folder, "text"));
  mkdirSync(join(folder, "new"));
  for (const name of ["tokenizer.json", "tokenizer_config.json"]) {
    copyFileSync(join(folder, "text", name), join(folder, "new", name));
  }
  const config = join(folder, "new", "config.json");
  const sizes = { vocab_size: 100, n_positions: 16, n_embd: 16, n_layer: 1, n_head: 2 };
  const architectures = ["GPT2LMHeadModel"];
  writeFileSync(config, JSON.stringify({ model_type: "gpt2", architectures, ...sizes }));
  const checkpoint = join(folder, "gpt2");
  await trained(["train", config, "--data", text, "--out", checkpoint, "--steps", "1"]);
  return { checkpoint, text };
}

/** Too small a learning rate to move a weight, and nothing dropped: the student stays what its teacher is. */
const STILL = ["--lr", "1e-30", "--dropout", "0", "--batch", "4", "--steps", "6"];

describe("a teacher of text", () => {
  it.each<[string, typeof tinyGpt2, readonly string[]]>([
    ["masked-lm", (folder) => tinyModel(join(folder, "bert")), []],
    ["masked-lm", (folder) => tinyModel(join(folder, "bert")), ["--accumulate", "2"]],
    ["causal-lm", tinyGpt2, ["--checkpoint-activations"]],
  ])("leaves the loss step by step, %s", async (_objective, make, more) => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await make(folder);
    const argv = ["train", checkpoint, "--data", text, ...STILL, ...more];
    const plain = await trained([...argv, "--out", join(folder, "plain")]);
    const lessons = ["--teacher", checkpoint, "--teacher-steps", "4"];
    const taught = await trained([...argv, ...lessons, "--out", join(folder, "taught")]);
    // its own answers are the teacher's: no divergence, and the share of the labels is t / 4
    const shares = [0, 0.25, 0.5, 0.75];
    expect(taught.slice(0, 4).map(({ loss }) => loss)).toBeAllClose(
      shares.map((share, step) => share * (plain[step]?.loss ?? Number.NaN)),
      { absolute: 2e-5 },
    );
    // then there is none, to the last bit
    const numbers = (lines: readonly StepMetrics[]) =>
      lines.slice(4).map(({ loss, gradient_norm: norm }) => [loss, norm]);
    expect(numbers(taught)).toEqual(numbers(plain));
    // its forward pass is paid for as long as it teaches
    const costs = (lines: readonly StepMetrics[]): number[] =>
      lines.map(({ flops }, index) => flops - (lines[index - 1]?.flops ?? 0));
    const [own = 0] = costs(plain);
    const [with_ = 0] = costs(taught);
    // a third of forward and backward, or a quarter where activations are computed anew; gradients of what embeds are free
    expect(with_).toBeGreaterThan(own * 1.25);
    expect(with_).toBeLessThan(own * 1.45);
    expect(costs(taught)).toEqual([with_, with_, with_, with_, own, own]);
  });

  it("is followed by a larger student, for 0.44 of the schedule unless told otherwise", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const large = { ...(JSON.parse(TINY_TARGET) as object), hidden_dropout_prob: 0 };
    const { checkpoint: student } = await tinyModel(join(folder, "large"), { ...large });
    const out = join(folder, "out");
    const argv = ["train", student, "--data", text, "--teacher", checkpoint, "--batch", "4"];
    const middle = ["--steps", "3", "--steps-before", "7", "--schedule-steps", "20"];
    const lines = await trained([...argv, ...middle, "--temperature", "3", "--out", out]);
    // 0.44 of 20 are 9 steps, of which two are left
    const costs = lines.map(({ flops }, index) => flops - (lines[index - 1]?.flops ?? 0));
    expect(costs[0]).toBe(costs[1]);
    expect(costs[2]).toBeLessThan(costs[0] ?? 0);
    const { settings } = JSON.parse(readFileSync(join(out, "ligo.json"), "utf8")) as {
      settings: Record<string, unknown>;
    };
    expect(settings).toMatchObject({ teacher: checkpoint, teacher_steps: 9, temperature: 3 });
    const recipe = JSON.parse(readFileSync(join(out, "recipe.json"), "utf8")) as {
      settings: Record<string, unknown>;
    };
    expect(recipe.settings).toMatchObject({ teacher: checkpoint, temperature: 3 });
    // behind its last step nobody asks it
    const end = ["--steps", "1", "--steps-before", "9", "--schedule-steps", "20"];
    const late = await ligoJson<TrainResult>([...argv, ...end, "--out", join(folder, "late")]);
    expect(late.flops).toBe(costs[2]);
  });

  it("is refused where it cannot teach, and options without one", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const out = join(folder, "out");
    const argv = ["train", checkpoint, "--data", text, "--steps", "1", "--batch", "4"];
    const refused = async (code: string, words: RegExp, ...more: readonly string[]) => {
      const ended = await run([...argv, "--out", out, ...more]);
      expect(ended.code).toBe(2);
      expect(ended.stderr).toContain(`error [${code}]`);
      expect(ended.stderr).toMatch(words);
    };
    const { checkpoint: other } = await tinyModel(join(folder, "other"), { vocab_size: 101 });
    await refused("sdk/teacher-mismatch", /vocabulary of 101.* 100/, "--teacher", other);
    const { checkpoint: short } = await tinyModel(join(folder, "short"), {
      max_position_embeddings: 8,
    });
    await refused("sdk/teacher-mismatch", /at most 8 tokens.* 16 tokens/, "--teacher", short);
    const { checkpoint: causal } = await tinyGpt2(join(folder));
    await refused("sdk/teacher-mismatch", /learns causal-lm.*masked-lm/, "--teacher", causal);
    const alone = /--temperature needs --teacher/;
    await refused("settings/invalid", /--teacher-steps needs --teacher/, "--teacher-steps", "3");
    await refused("settings/invalid", alone, "--temperature", "3");
    const grow = ["grow", checkpoint, "--to", TINY_TARGET, "--data", text, "--steps", "1"];
    const ended = await run([...grow, "--out", out, "--teacher", checkpoint]);
    expect(ended.stderr).toContain("error [sdk/teacher-of-growth]");
  });
});
