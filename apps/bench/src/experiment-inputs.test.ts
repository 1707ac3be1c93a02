import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@ligo/vitest/files";
import { describe, expect, it } from "vitest";
import { experimentInputs, renamedClasses } from "./experiment-inputs.js";
import { deit } from "./experiments/vision.js";

/** A folder of images by class; each "image" holds the name of its class. */
function images(...classes: readonly string[]): string {
  const folder = temporaryFolder();
  for (const name of classes) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "0.png"), name);
  }
  return folder;
}

describe("inputs of images", () => {
  it("are classes by folders, and by links to folders", async () => {
    const folder = images("cat", "ant");
    symlinkSync(join(folder, "cat"), join(folder, "bee"), "dir");
    writeFileSync(join(folder, "notes.txt"), "");
    const inputs = await experimentInputs({
      experiment: deit,
      scale: "mini",
      data: [folder],
      tokenizer: undefined,
      checkpoint: undefined,
      out: temporaryFolder(),
      say: () => undefined,
    });
    expect(inputs.classes).toEqual(["ant", "bee", "cat"]);
  });

  it("of other classes stand under the names of the experiment's, again and again", async () => {
    const out = temporaryFolder();
    const folder = images("yak", "dog");
    await renamedClasses(folder, ["ant", "bee"], out);
    const renamed = await renamedClasses(folder, ["ant", "bee"], out);
    expect(readdirSync(renamed)).toEqual(["ant", "bee"]);
    expect(readFileSync(join(renamed, "ant", "0.png"), "utf8")).toBe("dog");
    expect(readFileSync(join(renamed, "bee", "0.png"), "utf8")).toBe("yak");
    await expect(renamedClasses(folder, ["ant"], out)).rejects.toThrow("has 2");
  });
});
