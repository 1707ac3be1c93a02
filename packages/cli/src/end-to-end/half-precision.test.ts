import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { tinyModel, TINY_TARGET } from "@ligo/vitest/tiny-model";
import { describe, expect, it } from "vitest";
import { ligo, ligoJson, temporaryFolder } from "../__fixtures__/run-ligo.js";
import { metricsOf } from "./__fixtures__/tiny-runs.js";

const STEPS = ["--batch", "4", "--steps", "6", "--lr", "3e-4", "--warmup", "2", "--no-cache"];

interface Line {
  readonly loss: number;
  readonly gradient_norm?: number;
  readonly loss_scale?: number;
  readonly skipped?: number;
}

/** Lines of steps of a run in a precision, and its record. */
async function run(
  command: readonly string[],
  precision: string,
): Promise<{ readonly lines: readonly Line[]; readonly settings: unknown }> {
  const folder = temporaryFolder();
  const { checkpoint, text } = await tinyModel(join(folder, "small"));
  const [name = "", ...more] = command;
  const out = join(folder, "out");
  const given = ["--data", text, ...STEPS, ...more, "--precision", precision];
  await ligoJson([name, checkpoint, ...given, "--engine", "onnx", "--out", out]);
  const lines = (metricsOf(out) as readonly Line[]).filter((line) => "learning_rate" in line);
  const record = JSON.parse(readFileSync(join(out, "ligo.json"), "utf8")) as {
    readonly settings: unknown;
  };
  return { lines, settings: record.settings };
}

describe("half precision", () => {
  it.each([
    ["train", []],
    ["grow", ["--to", TINY_TARGET, "--accumulate", "2", "--no-eval"]],
  ])("is told by metrics and record, and near to float32: ligo %s", async (name, more) => {
    const [half, single] = [await run([name, ...more], "f16"), await run([name, ...more], "f32")];
    expect(half.settings).toMatchObject({ precision: "f16" });
    expect(single.settings).toMatchObject({ precision: "f32" });
    // an update without a finite norm was skipped, and halved the scale of the next
    let [expected, count] = [2 ** 16, 0];
    for (const { gradient_norm: norm, loss_scale: scale, skipped } of half.lines) {
      if (norm === undefined) count += 1;
      expect([scale, skipped]).toEqual([expected, count]);
      if (norm === undefined) expected /= 2;
    }
    for (const line of single.lines) expect(line).not.toHaveProperty("loss_scale");
    const losses = (lines: readonly Line[]): number[] => lines.map(({ loss }) => loss);
    // operands of products are off by 2^-11 at most; an update that was skipped is one step behind
    expect(losses(half.lines)).toBeAllClose(losses(single.lines), { relative: 2e-2 });
    expect(losses(half.lines)).not.toEqual(losses(single.lines));
  });

  it("is refused by an engine without it, and nothing is left", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const out = join(folder, "out");
    const given = ["--data", text, ...STEPS, "--precision", "f16", "--engine", "reference"];
    const { code, stderr } = await ligo(["train", checkpoint, ...given, "--out", out]);
    expect([code, existsSync(out)]).toEqual([2, false]);
    expect(stderr).toContain("error [engine/no-half]: The engine reference cannot multiply");
    expect(stderr).toContain("Take --precision f32, or another engine.");
  });
});
