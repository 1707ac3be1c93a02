import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { oversized } from "./sizes.js";
import { isTestFile, sourceFiles, workspaces } from "./workspaces.js";

describe("sources", () => {
  it.each(workspaces.map((workspace) => [workspace.folder, workspace] as const))(
    "of %s are short",
    (_, workspace) => {
      // nobody reads what is generated from beginning to end
      const files = sourceFiles(workspace).filter(
        (file) => !isTestFile(file) && !file.endsWith(".generated.ts"),
      );
      const complaints = files.flatMap((file) =>
        oversized(file, readFileSync(join(workspace.directory, file), "utf8")),
      );
      expect(complaints).toEqual([]);
    },
  );
});

describe("oversized", () => {
  const lines = (count: number): string => "  next();\n".repeat(count);

  it("counts the lines of a file", () => {
    expect(oversized("a.ts", lines(400))).toEqual([]);
    expect(oversized("a.ts", lines(401))).toEqual(["a.ts has 401 lines, over 400"]);
  });

  it.each([
    ["function long() {\n", "}", "1 long"],
    ["\nconst long = () => {\n", "};", "2 long"],
    ["class A {\n  long() {\n", "}}", "2 long"],
    ["class A {\n  constructor() {\n", "}}", "2 constructor"],
    ["class A {\n  get long() {\n", "}}", "2 long"],
    ["run({ long: async function () {\n", "}});", "1 a function"],
    ["function outer() { return inner(() => {\n", "});}", "1 outer"],
  ])("counts the lines of %j", (start, end, place) => {
    expect(oversized("a.ts", `${start}${lines(78)}${end}`)).toEqual([]);
    expect(oversized("a.ts", `${start}${lines(79)}${end}`)[0]).toMatch(
      new RegExp(`^a.ts:${place} has 81 lines, over 80`),
    );
  });

  it.each([
    ["// Long because each case is one line.\nfunction long() {\n", "}"],
    [
      "/**\n * Grows.\n *\n * Long because\n * it is one table.\n */\nexport const a = () => {\n",
      "};",
    ],
    ["const methods = {\n  // Long because it is one table.\n  long() {\n", "}};"],
    ["class A {\n  /** Long because it is one table. */\n  long() {\n", "}}"],
  ])("accepts a reason: %j", (start, end) => {
    expect(oversized("a.ts", `${start}${lines(90)}${end}`)).toEqual([]);
  });

  it.each([
    ["// Long because\nfunction long() {\n", "}"],
    ["// Long because of the other.\nconst other = 1;\nfunction long() {\n", "}"],
    ["// Long because it is a module.\nclass A {\n  long() {\n", "}}"],
  ])("refuses none, or that of another: %j", (start, end) => {
    expect(oversized("a.ts", `${start}${lines(90)}${end}`)).toHaveLength(1);
  });
});
