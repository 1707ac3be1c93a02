import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "@ligo/vitest/files";
import { resume } from "./resume.js";
import { writeRecipe } from "./runs/recipe.js";

/** A run folder that names an architecture; its module would tell that it was run. */
async function runThatNames(architecture: unknown): Promise<string> {
  const folder = temporaryFolder();
  const settings = { checkpoint: join(folder, "none"), architecture };
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
