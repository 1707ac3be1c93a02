import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "@ligo/vitest/files";
import { resume } from "./resume.js";
import { writeRecipe } from "./runs/recipe.js";

/** A run folder that names an architecture; its module would tell that it was run. */
async function runThatNames(architecture: unknown): Promise<string> {
  const folder = temporaryFolder();
  const settings = { checkpoint: join(folder, "none"), data: ["text.txt"], architecture };
  await writeRecipe(folder, { command: "train", settings, inputs: {} });
  writeFileSync(join(folder, "evil.mjs"), 'throw new Error("it was run");');
  return folder;
}

it("runs no code that only the recipe of a run names", async () => {
  for (const named of ["./evil.mjs", "evil.mjs", "data:text/javascript,1", ["evil.mjs"], 1]) {
    const folder = await runThatNames(named);
    await expect(resume(folder), String(named)).rejects.toMatchObject({
      code: "sdk/file-names-code",
      file: join(folder, "recipe.json"),
      message: expect.stringContaining("`architecture`") as string,
    });
  }
  const absolute = await runThatNames("");
  const folder = await runThatNames(join(absolute, "evil.mjs"));
  await expect(resume(folder)).rejects.toMatchObject({ code: "sdk/file-names-code" });
  writeFileSync(join(folder, "ligo.json"), "{}");
  await expect(resume(folder), "a finished run").rejects.toMatchObject({
    code: "sdk/file-names-code",
  });
});

it("goes on with an installed package, and with a path that is given again", async () => {
  const named = await runThatNames("@ligo/bert");
  await expect(resume(named)).rejects.toMatchObject({ code: "checkpoint/not-found" });
  const folder = await runThatNames("./evil.mjs");
  await expect(resume(folder, { architecture: "./other.mjs" })).rejects.toMatchObject({
    code: "checkpoint/not-found",
  });
});

it("refuses recipes with a seal that fits and settings that do not, and takes the whole one", async () => {
  const whole = {
    command: "grow",
    settings: { checkpoint: "none", to: { num_hidden_layers: 2 }, data: ["a.txt"], steps: 2 },
    inputs: {},
  } as const;
  const resumed = async (recipe: object): Promise<unknown> => {
    const folder = temporaryFolder();
    await writeRecipe(folder, recipe as typeof whole);
    return resume(folder).catch((error: unknown) => error);
  };
  const { settings } = whole;
  const damaged = [
    { ...whole, command: "grown" },
    { ...whole, settings: null },
    { ...whole, inputs: { source: 1 } },
    { ...whole, settings: { ...settings, to: null } },
  ];
  for (const recipe of damaged) {
    expect(await resumed(recipe)).toMatchObject({ code: "run/damaged-recipe" });
  }
  for (const wrong of [{ to: 16 }, { steps: "two" }, { data: [1] }]) {
    const [name] = Object.keys(wrong);
    expect(await resumed({ ...whole, settings: { ...settings, ...wrong } })).toMatchObject({
      name: "SettingsError",
      message: expect.stringContaining(`\`${name}\``) as string,
    });
  }
  // only its source is not there
  expect(await resumed(whole)).toMatchObject({
    code: expect.stringMatching(/^(hub|checkpoint)\//u) as string,
  });
});

it("names the config of a finished run that is damaged", async () => {
  const folder = temporaryFolder();
  const settings = { checkpoint: "none", data: ["text.txt"] };
  await writeRecipe(folder, { command: "train", settings, inputs: {} });
  writeFileSync(join(folder, "ligo.json"), '{"format":"ligo.record"}');
  writeFileSync(join(folder, "config.json"), '{"model_type": "bert"} more');
  const file = join(folder, "config.json");
  await expect(resume(folder)).rejects.toMatchObject({ code: "checkpoint/config-not-json", file });
  writeFileSync(file, '{"model_type": "bert"}');
  expect(await resume(folder)).toMatchObject({ command: "train", config: { model_type: "bert" } });
});
