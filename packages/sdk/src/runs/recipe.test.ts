import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readRecipe, writeRecipe } from "./recipe.js";

describe("a recipe that was sealed before there was a choice", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "ligo-recipe-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("is one of float32, and any other what it says", async () => {
    const recipe = { command: "train", inputs: {} } as const;
    const { sha256 } = await writeRecipe(folder, { ...recipe, settings: { steps: 3 } });
    expect(await readRecipe(folder)).toMatchObject({
      sha256,
      settings: { precision: "f32", steps: 3 },
    });
    await writeRecipe(folder, { ...recipe, settings: { precision: "f16" } });
    expect((await readRecipe(folder)).settings).toEqual({ precision: "f16" });
  });
});
