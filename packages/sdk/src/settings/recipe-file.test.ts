import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settingsOf, recipeSettings, writeRecipe, type RunCommand } from "../runs/recipe.js";
import { check } from "./check.js";
import { growSettings } from "./grow.js";
import { readRecipeFile } from "./recipe-file.js";
import { trainSettings } from "./train.js";
import type { GrowSettings, TrainSettings } from "./types.generated.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ligo-recipe-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe("a recipe", () => {
  it("is JSON or YAML", async () => {
    const settings = { to: { num_hidden_layers: 4 }, method: "stack", seed: 3 };
    const json = write(
      "a.json",
      JSON.stringify({ command: "grow", from: "org/small", ...settings }),
    );
    const yaml = write(
      "a.yaml",
      "# deeper\ncheckpoint: org/small\nto:\n  num_hidden_layers: 4\nmethod: stack\nseed: 3\n",
    );
    for (const file of [json, yaml])
      expect(await readRecipeFile(file, growSettings)).toEqual({ from: "org/small", settings });
  });

  it("may begin with a byte order mark, and leave the source open", async () => {
    const file = write("a.json", '\uFEFF{"to":"large.json","batch":4}');
    expect(await readRecipeFile(file, growSettings)).toEqual({
      from: undefined,
      settings: { to: "large.json", batch: 4 },
    });
  });

  it.each([
    "./mine.js",
    "/tmp/mine.mjs",
    "mine.js",
    "data:text/javascript,1",
    "../a",
    "a/b",
    "C:\\\\a",
    7,
    ["x"],
  ])("names an installed package as code, not %j", async (architecture) => {
    write("mine.js", "throw new Error()");
    const file = write("a.json", JSON.stringify({ from: "small", architecture }));
    await expect(readRecipeFile(file, growSettings)).rejects.toMatchObject({
      code: expect.stringMatching(/^(sdk\/file-names-code|settings\/invalid)$/u) as string,
    });
  });

  it("may name a package as code, and a path that the caller names too", async () => {
    for (const architecture of ["my-architecture", "@me/architecture"]) {
      const file = write("a.json", JSON.stringify({ architecture }));
      expect((await readRecipeFile(file, growSettings)).settings).toEqual({ architecture });
    }
    const file = write("a.json", JSON.stringify({ architecture: "./mine.js" }));
    const over = { architecture: "./mine.js" };
    expect((await readRecipeFile(file, growSettings, over)).settings).toEqual(over);
  });

  it("names files beside it", async () => {
    mkdirSync(join(folder, "small"));
    write("text.txt", "");
    const recipe = { from: "small", data: ["text.txt", "elsewhere.txt", "hf://datasets/a/b"] };
    const file = write("a.json", JSON.stringify({ ...recipe, to: { a: "small" } }));
    expect(await readRecipeFile(file, growSettings)).toEqual({
      from: join(folder, "small"),
      settings: {
        data: [join(folder, "text.txt"), "elsewhere.txt", "hf://datasets/a/b"],
        to: { a: "small" },
      },
    });
  });

  it("tells all its faults at once, with its name", async () => {
    const file = write("a.yaml", "learning_rate: 1\nbeta1: 1\ndropout: 1\ninitialDepth: any\n");
    const error: unknown = await readRecipeFile(file, growSettings).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: "settings/invalid", file });
    const { message } = error as Error;
    expect(message).toMatch(new RegExp(`^${file}: 4 settings of grow are wrong\\.\n`, "u"));
    expect(message).toContain(
      "`learning_rate` is not a setting of grow; the nearest is `learningRate`",
    );
    expect(message).toContain("`beta1` is 1; it must be a number from 0 to below 1");
    expect(message).toContain("`dropout` is 1;");
    expect(message).toContain('`initialDepth` is "any"; it must be one of stackbert,');
  });

  it.each([
    ["missing.json", undefined, "sdk/recipe-missing", /missing\.json cannot be read/],
    ["a.json", "{", "sdk/recipe-not-json", /a\.json is not JSON \(/],
    ["a.yaml", "a: [1", "sdk/recipe-not-json", /a\.yaml is not YAML \([\s\S]*line 1/],
    [
      "long.yaml",
      `a: 1\n${"# ".repeat(4e4)}`,
      "sdk/recipe-not-json",
      /characters, more than the 65536/,
    ],
    [
      "asks.yaml",
      `${"? ".repeat(500)}1`,
      "sdk/recipe-not-json",
      /more than 16 keys that "\?" begins/,
    ],
    ["odd.json", '{"command": {"toString": 0}}', "sdk/recipe-of-other-command", /is a recipe of/],
    ["b.yaml", "- a", "sdk/recipe-not-json", /holds no object/],
    ["c.yaml", "command: train", "sdk/recipe-of-other-command", /a recipe of train, not of grow/],
    ["d.yaml", "from: 3", "settings/invalid", /`checkpoint` is 3/],
  ])("is refused: %s, %j", async (name, text, code, words) => {
    const file = text === undefined ? join(folder, name) : write(name, text);
    const error: unknown = await readRecipeFile(file, growSettings).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code, file });
    expect((error as Error).message).toMatch(words);
  });
});

describe("what a run folder holds", () => {
  /** Reads back what a run seals of settings. */
  async function sealed(command: RunCommand, settings: object): Promise<unknown> {
    const { settings: checked } =
      command === "grow"
        ? check(growSettings, settings as GrowSettings)
        : check(trainSettings, settings as TrainSettings);
    const before = recipeSettings("org/small", { ...checked });
    const recipe = await writeRecipe(folder, { command, settings: before, inputs: {} });
    expect(settingsOf(recipe.settings)).toMatchObject({ checkpoint: "org/small" });
    const file = join(folder, "recipe.json");
    const { from, settings: read } =
      command === "grow"
        ? await readRecipeFile(file, growSettings)
        : await readRecipeFile(file, trainSettings);
    expect(from).toBe("org/small");
    const again =
      command === "grow"
        ? check(growSettings, read as GrowSettings)
        : check(trainSettings, read as TrainSettings);
    expect({ ...again.settings, out: undefined }).toEqual({ ...checked, out: undefined });
    return read;
  }

  it("gives the same settings again", async () => {
    const to = { num_hidden_layers: 4 };
    const data = ["a.txt"];
    expect(await sealed("grow", { to, data, batch: 8, form: "model", out: "x" })).toEqual({
      to,
      data,
      batch: 8,
      form: "model",
    });
    await sealed("grow", { to, data, evalData: ["b.txt"], method: "mango", rank: 3 });
    await sealed("grow", { to, method: "stack", dtype: "bf16" });
    await sealed("train", { data, className: "BertForMaskedLM", freeze: ["*.bias"], cache: false });
    await sealed("train", { data, epochs: 2, evaluateEvery: 5, targetLoss: 1 });
  });

  it("counts epochs once", async () => {
    const settings = { checkpoint: "org/small", data: ["a"], epochs: 2, steps: 17, warmup: 2 };
    await writeRecipe(folder, { command: "train", settings, inputs: {} });
    const { settings: read } = await readRecipeFile(join(folder, "recipe.json"), trainSettings);
    expect(read).toEqual({ data: ["a"], epochs: 2, warmup: 2 });
  });

  it("drops what an older record says of settings that nothing read", async () => {
    const record = {
      format: "ligo.record",
      command: "grow",
      settings: {
        method: "stack",
        steps: 5,
        batch: 32,
        learning_rate: 0.5,
        perturbation: null,
        seed: 3,
        form: "model",
        vocabulary: 100,
        data: [],
      },
      source: { path: "/models/small", class: "BertForMaskedLM" },
      target: { class: "BertForMaskedLM", dtype: "BF16" },
    };
    const file = write("ligo.json", JSON.stringify(record));
    expect(await readRecipeFile(file, growSettings)).toEqual({
      from: "/models/small",
      settings: { method: "stack", seed: 3, to: join(folder, "config.json"), dtype: "bf16" },
    });
  });

  it("keeps the class a record was trained to", async () => {
    const record = {
      format: "ligo.record",
      command: "train",
      settings: { data: ["a"], steps: 3, weight_decay: 0.1 },
      source: { path: "/models/small", class: "BertForMaskedLM" },
      target: { class: "BertForSequenceClassification", dtype: "F32" },
    };
    const file = write("ligo.json", JSON.stringify(record));
    expect((await readRecipeFile(file, trainSettings)).settings).toEqual({
      data: ["a"],
      steps: 3,
      className: "BertForSequenceClassification",
      dtype: "f32",
    });
  });
});

it("takes a target whose numbers are not spelled as Python spells them", async () => {
  const to = '{"num_hidden_layers": 2, "layer_norm_eps": 1e-5, "rope_theta": 10000.0, "x": 2.0}';
  const file = write("spelled.json", `{"to": ${to}}`);
  const { settings } = await readRecipeFile(file, growSettings);
  expect(JSON.parse(JSON.stringify(settings.to))).toEqual(JSON.parse(to));
});
