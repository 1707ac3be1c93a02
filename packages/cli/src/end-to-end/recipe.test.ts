import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tinyModel, TINY_TARGET } from "@ligo/vitest/tiny-model";
import { ligo, ligoJson, temporaryFolder } from "../__fixtures__/run-ligo.js";
import type { GrowResult, TrainResult } from "../__fixtures__/json-results.js";

const weightsOf = (folder: string): Buffer => readFileSync(join(folder, "model.safetensors"));

describe("--recipe", () => {
  it("grows by a YAML file, over which flags win", async () => {
    const folder = temporaryFolder();
    await tinyModel(join(folder, "small"));
    const recipe = join(folder, "wider.yaml");
    writeFileSync(recipe, `checkpoint: small\nto: ${TINY_TARGET}\nmethod: interpolate\nseed: 3\n`);
    const [one, two] = [join(folder, "one"), join(folder, "two")];
    const result = await ligoJson<GrowResult>(["grow", "--recipe", recipe, "--out", one]);
    expect(result.method).toBe("interpolate");
    const other = ["grow", "--recipe", recipe, "--method", "stack", "--out", two];
    expect((await ligoJson<GrowResult>(other)).method).toBe("stack");
  });

  it("gives back what a run folder holds", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const [grown, again] = [join(folder, "grown"), join(folder, "again")];
    const learn = ["--data", text, "--steps", "2", "--batch", "4", "--no-cache"];
    await ligoJson(["grow", checkpoint, "--to", TINY_TARGET, ...learn, "--out", grown]);
    const recipe = join(grown, "recipe.json");
    await ligoJson(["grow", "--recipe", recipe, "--out", again]);
    expect(weightsOf(again).equals(weightsOf(grown))).toBe(true);

    const [trained, once] = [join(folder, "trained"), join(folder, "once")];
    const first = await ligoJson<TrainResult>(["train", grown, ...learn, "--out", trained]);
    const same = ["train", "--recipe", join(trained, "recipe.json"), "--out", once];
    expect((await ligoJson<TrainResult>(same)).held_out).toEqual(first.held_out);
    const { code, stderr } = await ligo([
      "grow",
      "--recipe",
      join(trained, "recipe.json"),
      "--out",
      "x",
    ]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("a recipe of train, not of grow")]);
  });

  it("names the settings of the file, and the flags of the line", async () => {
    const folder = temporaryFolder();
    const recipe = join(folder, "recipe.json");
    writeFileSync(recipe, '{"learningrate":1,"to":{},"method":"stack"}');
    const argv = ["grow", "small", "--recipe", recipe, "--out", join(folder, "out")];
    const misspelt = await ligo(argv);
    expect(misspelt.code).toBe(2);
    expect(misspelt.stderr).toBe(
      `error [settings/invalid]: ${recipe}: \`learningrate\` is not a setting of grow; the nearest is \`learningRate\`.\n`,
    );
    writeFileSync(recipe, '{"to":{},"method":"stack"}');
    expect((await ligo([...argv, "--lr", "1"])).stderr).toContain(
      "--lr has no effect: the method stack learns nothing.",
    );
  });
});

describe("a command line", () => {
  it("tells all that is wrong with it at once", async () => {
    const argv = ["grow", "small", "--to", "{}", "--out", "x", "--rank", "1.5", "--lr", "fast"];
    const { code, stderr, stdout } = await ligo([
      ...argv,
      "--beta1",
      "1",
      "--data",
      "a",
      "--method",
      "mango",
    ]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toBe(
      [
        "error [settings/invalid]: 3 settings of grow are wrong.",
        "- --rank is 1.5; it must be a whole number from 1 to 99.",
        '- --lr is "fast"; it must be a number above 0.',
        "- --beta1 is 1; it must be a number from 0 to below 1.",
        "",
      ].join("\n"),
    );
  });

  it("names the nearest flag", async () => {
    const { code, stderr } = await ligo(["grow", "small", "--learning-rte", "1"]);
    expect(code).toBe(2);
    expect(stderr).toContain("unknown option '--learning-rte'");
    expect((await ligo(["grow", "small", "--warmpu", "1"])).stderr).toContain("--warmup");
  });

  it("says which checkpoint and folder it lacks", async () => {
    expect((await ligo(["train", "--data", "x", "--out", "y"])).stderr).toContain("<checkpoint>");
    expect((await ligo(["train", "small", "--data", "x"])).stderr).toContain("--out");
  });

  it("groups the flags of a command in its help, with examples", async () => {
    const { code, stdout } = await ligo(["grow", "--help"]);
    expect(code).toBe(0);
    for (const heading of ["Growth:", "Method:", "Optimiser:", "Memory:", "Methods:", "Examples:"])
      expect(stdout).toContain(`\n${heading}\n`);
    expect(stdout).toMatch(/--lr <x> +Peak of the schedule \(default: 0\.03\)/);
    expect(stdout).toMatch(/--no-eval +Do not measure/);
    expect(stdout).toMatch(/ligo grow --resume large/);
    expect(stdout).not.toContain("`data`");
  });

  it("tells the next line with quotes and sizes", async () => {
    const folder = join(temporaryFolder(), "a b");
    const { checkpoint, text } = await tinyModel(join(folder, "small"));
    const out = join(folder, "grown");
    const argv = ["grow", checkpoint, "--to", TINY_TARGET, "--method", "stack", "--out", out];
    const sizes = ["--data", text, "--batch", "4", "--seq", "8"];
    const { stdout } = await ligo([...argv, ...sizes]);
    expect(stdout).toContain(
      `next:\n  ligo train '${out}' --data '${text}' --out '${out}-trained' --batch 4 --seq 8\n`,
    );
  });
});
