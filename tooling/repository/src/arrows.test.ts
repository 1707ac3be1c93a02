import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { arrows, checkImports, held, staticallyReachable } from "./arrows.js";
import { sourceFiles, workspaces, type Workspace } from "./workspaces.js";

const bound = workspaces.filter(({ folder }) => !folder.startsWith("tooling/"));

describe("arrows", () => {
  it("has a row for every package and app, and no other", () => {
    expect(Object.keys(arrows).toSorted()).toEqual(bound.map(({ folder }) => folder));
  });

  it.each(bound.map((workspace) => [workspace.folder, workspace] as const))(
    "%s imports only what it may",
    (_, workspace) => {
      const files = sourceFiles(workspace);
      const complaints = files.flatMap((file) =>
        checkImports(workspace, file, readFileSync(join(workspace.directory, file), "utf8")),
      );
      expect(complaints).toEqual([]);
    },
  );

  it.each(["core", "checkpoint", "data", "images"])(
    "importing @ligo/%s loads no TensorFlow.js",
    (name) => {
      const reached = staticallyReachable(`packages/${name}/src/index.ts`, workspaces);
      const tensorflow = [...reached].filter(([module]) => module.startsWith("@tensorflow/"));
      expect(tensorflow).toEqual([]);
    },
  );

  it.each(Object.entries(held))("a build of %s takes %j in", (folder, names) => {
    const manifest = bound.find((workspace) => workspace.folder === folder)?.manifest;
    const outside = { ...manifest?.dependencies, ...manifest?.peerDependencies };
    for (const name of names) {
      expect(manifest?.devDependencies).toHaveProperty([name]);
      expect(outside).not.toHaveProperty([name]);
    }
  });

  it("sees TensorFlow.js where it is loaded", () => {
    const reached = staticallyReachable("packages/train/src/index.ts", workspaces);
    expect([...reached.keys()]).toContain("@tensorflow/tfjs-core");
  });
});

describe("checkImports", () => {
  const workspace: Workspace = {
    folder: "packages/data",
    directory: "/nowhere",
    manifest: {
      name: "@ligo/data",
      version: "0.0.0",
      dependencies: { "@ligo/core": "0.0.0", "@ligo/nn": "0.0.0", zod: "4" },
      devDependencies: { "@ligo/bert": "0.0.0" },
    },
  };
  const check = (specifier: string, file = "src/a/b.ts"): string =>
    checkImports(workspace, file, `import "${specifier}";`).join();

  it.each(["@ligo/core", "zod/v4", "node:fs", "./c.js", "../../package.json"])(
    "lets %s pass",
    (name) => {
      expect(check(name)).toBe("");
    },
  );

  it.each([
    ["@ligo/nn", "may import only [core]"],
    ["@ligo/bert", "may import only [core]"],
    ["@ligo/cli", "nothing imports the command line"],
    ["@ligo/bench", "nothing imports an app"],
    ["fs", "fs is not declared"],
    ["../../../core/src/index.js", "leaves the package"],
    ["/etc/passwd", "an absolute path"],
  ])("refuses %s: %s", (name, complaint) => {
    expect(check(name)).toContain(complaint);
  });

  it("lets sources import what their build holds, and no other devDependency", () => {
    const hub: Workspace = {
      ...workspace,
      folder: "packages/hub",
      manifest: { ...workspace.manifest, devDependencies: { "@huggingface/hub": "2", vite: "1" } },
    };
    expect(checkImports(hub, "src/a.ts", 'import "@huggingface/hub";')).toEqual([]);
    expect(checkImports(hub, "src/a.ts", 'import "vite";').join()).toContain("is not declared");
  });

  it("lets a test import what only tests declare", () => {
    expect(check("@ligo/bert", "src/a.test.ts")).toBe("");
    expect(check("vitest", "src/a.test.ts")).toBe("");
    expect(check("@ligo/cli", "src/a.test.ts")).toContain("nothing imports the command line");
  });

  it("keeps @ligo/core pure", () => {
    const core = { ...workspace, folder: "packages/core" };
    expect(checkImports(core, "src/a.ts", 'import "node:fs";').join()).toContain("pure");
    expect(checkImports(core, "src/a.ts", 'import type { z } from "zod";')).toEqual([]);
  });
});
