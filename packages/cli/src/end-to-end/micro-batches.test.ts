import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tinyModel, TINY_TARGET } from "@ligo/vitest/tiny-model";
import type { TrainResult } from "../__fixtures__/json-results.js";
import { ligo, ligoJson, temporaryFolder } from "../__fixtures__/run-ligo.js";

describe("--accumulate and --checkpoint-activations", () => {
  const settingsOf = (folder: string): unknown =>
    (JSON.parse(readFileSync(join(folder, "ligo.json"), "utf8")) as { settings: unknown }).settings;

  it("train and are recorded, with the peak of memory", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const out = join(folder, "out");
    const argv = [
      "train",
      checkpoint,
      "--data",
      text,
      "--steps",
      "2",
      "--batch",
      "4",
      "--out",
      out,
    ];
    const result = await ligoJson<TrainResult>([...argv, "--accumulate", "2"]);
    expect(result.tokens).toBe(2 * 4 * 16);
    expect(settingsOf(out)).toMatchObject({
      batch: 4,
      accumulate: 2,
      checkpoint_activations: false,
    });
    const { peak_memory_bytes: peak } = JSON.parse(
      readFileSync(join(out, "ligo.json"), "utf8"),
    ) as { peak_memory_bytes: number };
    // Node alone takes tens of megabytes, and the peak never falls.
    expect(peak).toBeGreaterThan(30e6);
    expect(result.peak_memory_bytes).toBeGreaterThanOrEqual(peak);
  });

  it("compute activations anew to the same bits", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const data = ["--data", text, "--steps", "2", "--batch", "4", "--quiet"];
    const runs = [
      ["train", checkpoint],
      ["grow", checkpoint, "--to", TINY_TARGET],
    ];
    for (const [command = "", ...given] of runs) {
      const written = [];
      for (const flags of [[], ["--checkpoint-activations"]]) {
        const out = join(folder, `${command}-${flags.length}`);
        expect((await ligo([command, ...given, ...data, ...flags, "--out", out])).code).toBe(0);
        expect(settingsOf(out)).toMatchObject({ checkpoint_activations: flags.length === 1 });
        written.push(readFileSync(join(out, "model.safetensors")));
      }
      expect(written[0]?.equals(written[1] ?? Buffer.alloc(0)), command).toBe(true);
    }
  });

  it.each(["train", "grow"])("%s refuses a batch that does not come out even", async (command) => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const out = join(folder, "out");
    const to = command === "grow" ? ["--to", TINY_TARGET] : [];
    const argv = [command, checkpoint, ...to, "--data", text, "--out", out, "--batch", "4"];
    const { code, stderr } = await ligo([...argv, "--accumulate", "3"]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      "cannot be taken in 3 parts of the same size; it must be divisible by",
    );
    expect(existsSync(out)).toBe(false);
  });

  it("say what compiling took and how much memory there was", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const data = ["--data", text, "--batch", "4"];
    const learn = [...data, "--steps", "1", "--out"];
    const commands = [
      ["train", checkpoint, ...learn, join(folder, "trained")],
      ["grow", checkpoint, "--to", TINY_TARGET, ...learn, join(folder, "grown")],
    ];
    for (const argv of commands) {
      const { stderr, stdout } = await ligo(argv);
      expect(stderr).toMatch(/^Step compiled in \d+(\.\d+)? s\.$/m);
      expect(stdout).toMatch(/^time .*compile \d/m);
      expect(stdout).toMatch(/^peak memory +\d+(\.\d+)? [MG]B$/m);
    }
    expect((await ligo(["eval", checkpoint, ...data])).stdout).toMatch(
      /^peak memory +\d+(\.\d+)? [MG]B$/m,
    );
  });
});
