import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { flagsIn } from "./flags.js";
import { isTestFile, publicPackages, sourceFiles } from "./workspaces.js";

/** Lines for a shell that the board shows, all in one file. */
const SHELL_LINES = "packages/board/src/pages/shell-lines.ts";

const libraries = publicPackages.filter(({ folder }) => folder !== "packages/cli");

describe("flags", () => {
  it.each(libraries.map((workspace) => [workspace.folder, workspace] as const))(
    "are unknown to %s: a library names the setting",
    (folder, workspace) => {
      const files = sourceFiles(workspace).filter(
        (file) => !isTestFile(file) && `${folder}/${file}` !== SHELL_LINES,
      );
      const found = files.flatMap((file) =>
        flagsIn(file, readFileSync(join(workspace.directory, file), "utf8")),
      );
      expect(found).toEqual([]);
    },
  );
});

describe("flagsIn", () => {
  it.each([
    ['"--lr must be positive"', "--lr"],
    ["`give ${name} (--batch)`", "--batch"],
    ["`${name} or \\`--no-tie\\` or ${other}`", "--no-tie"],
    ["`${name} --resume ${other} more`", "--resume"],
    [`["'--steps' is missing"]`, "--steps"],
  ])("finds the flag of %s", (text, flag) => {
    expect(flagsIn("a.ts", `// --not\nthrow new Error(${text});`)).toEqual([`a.ts:2 says ${flag}`]);
  });

  it("finds every flag of a text, but for those of npm and hf", () => {
    const text = '"npm rebuild x --ignore-scripts=false, then --resume or --out"';
    expect(flagsIn("a.ts", text)).toEqual(["a.ts:1 says --resume", "a.ts:1 says --out"]);
  });

  it.each(['"a -- b"', '"learning--rate"', '"--X"', '"i--"', "`${i}--${j}`"])(
    "lets %s pass",
    (text) => {
      expect(flagsIn("a.ts", `use(${text});`)).toEqual([]);
    },
  );
});
