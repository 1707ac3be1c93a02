import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { unseededProperties } from "./properties.js";
import { sourceFiles, workspaces } from "./workspaces.js";

describe("properties", () => {
  it("draw the same values in every run", () => {
    const found = workspaces.flatMap((workspace) =>
      sourceFiles(workspace).flatMap((file) =>
        unseededProperties(
          `${workspace.folder}/${file}`,
          readFileSync(join(workspace.directory, file), "utf8"),
        ),
      ),
    );
    expect(found).toEqual([]);
  });
});

describe("unseededProperties", () => {
  it.each([
    ["fc.assert(fc.property(a, (seed) => seed > 0));", ["a.ts:1"]],
    ["fc.assert(fc.property(a, test), { numRuns: 3 });", ["a.ts:1"]],
    ["\nawait fc.check(property);", ["a.ts:2"]],
    ["fc.assert(fc.property(a, test), { numRuns: 3, seed: 1 });", []],
    ["fc.assert(fc.property(a, test), { seed });", []],
    ["assert(a); // fc.assert(fc.property(a, test));", []],
  ])("of %s", (code, found) => {
    expect(unseededProperties("a.ts", code)).toEqual(found);
  });
});
