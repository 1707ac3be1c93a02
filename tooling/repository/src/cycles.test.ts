import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cycles, importGraph } from "./cycles.js";
import { sourceFiles, workspaces } from "./workspaces.js";

describe("files of a package", () => {
  it.each(workspaces.map((workspace) => [workspace.folder, workspace] as const))(
    "%s import each other one way",
    (_, workspace) => {
      const files = sourceFiles(workspace);
      const code = files.map(
        (file) => [file, readFileSync(join(workspace.directory, file), "utf8")] as const,
      );
      expect(cycles(importGraph(new Map(code)))).toEqual([]);
    },
  );
});

describe("cycles", () => {
  const graph = (files: Readonly<Record<string, string>>): readonly string[] =>
    cycles(importGraph(new Map(Object.entries(files))));

  it("finds one of types, and one through a lazy import", () => {
    expect(
      graph({
        "src/a.ts": 'import type { B } from "./b/b.js";',
        "src/b/b.ts": 'export * from "../c.js";',
        "src/c.ts": 'export const load = () => import("./a.js");',
      }),
    ).toEqual(["src/a.ts -> src/b/b.ts -> src/c.ts -> src/a.ts"]);
  });

  it("tells each apart, and a file that imports itself", () => {
    expect(
      graph({
        "a.ts": 'import "./b.js"; import "./c.js";',
        "b.ts": 'import "./a.js";',
        "c.ts": 'import "./a.js"; import "./c.js";',
      }),
    ).toEqual(["a.ts -> b.ts -> a.ts", "c.ts -> c.ts"]);
  });

  it("lets files share what they import", () => {
    expect(
      graph({
        "a.ts": 'import "./b.js"; import "./c.js"; import "zod";',
        "b.ts": 'import "./c.js"; import "./missing.js";',
        "c.ts": "",
      }),
    ).toEqual([]);
  });
});
