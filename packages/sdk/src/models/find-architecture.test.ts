import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "@ligo/vitest/files";
import { findArchitecture } from "./find-architecture.js";

/** Installs a package that exports an architecture of the given model type. */
function install(
  folder: string,
  name: string,
  options: { modelType: string; specVersion?: string; exports?: unknown },
): void {
  const home = join(folder, "node_modules", name);
  mkdirSync(home, { recursive: true });
  const exported = options.exports ?? { ".": { default: "./main.js" } };
  writeFileSync(
    join(home, "package.json"),
    JSON.stringify({ name, type: "module", exports: exported }),
  );
  writeFileSync(
    join(home, "main.js"),
    `export const other = 1;
     export const found = { from: ${JSON.stringify(name)}, specVersion: "${options.specVersion ?? "v1"}",
       modelTypes: ["also", "${options.modelType}"], architectures: ["A"], layout: () => ({}) };`,
  );
}

describe("findArchitecture", () => {
  it("takes one that is given", async () => {
    await expect(findArchitecture("bert", { architectures: [bert] })).resolves.toBe(bert);
  });

  it("finds @ligo/<model type> before ligo-architecture-<model type>", async () => {
    const from = temporaryFolder();
    install(from, "ligo-architecture-zebra", { modelType: "zebra" });
    await expect(findArchitecture("zebra", { from })).resolves.toMatchObject({
      from: "ligo-architecture-zebra",
    });
    install(from, "@ligo/zebra", { modelType: "zebra" });
    await expect(findArchitecture("zebra", { from })).resolves.toMatchObject({
      from: "@ligo/zebra",
    });
  });

  it("looks in the folders above, and finds packages that only export to import", async () => {
    const folder = temporaryFolder();
    install(folder, "@ligo/yak", { modelType: "yak", exports: { import: "./main.js" } });
    const from = join(folder, "deep", "er");
    mkdirSync(from, { recursive: true });
    await expect(findArchitecture("yak", { from })).resolves.toMatchObject({
      modelTypes: ["also", "yak"],
    });
  });

  it("takes the package or path it is told", async () => {
    const from = temporaryFolder();
    install(from, "my-models", { modelType: "xerus" });
    for (const architecture of [
      "my-models",
      "node_modules/my-models/main.js",
      "./node_modules/my-models",
    ]) {
      await expect(findArchitecture("xerus", { from, architecture })).resolves.toMatchObject({
        from: "my-models",
      });
    }
    await expect(
      findArchitecture("xerus", { from, architecture: "not-there" }),
    ).rejects.toMatchObject({ code: "sdk/architecture-not-found", file: "not-there" });
  });

  it("names the line that installs a missing one", async () => {
    const from = temporaryFolder();
    const error = await findArchitecture("okapi", { from }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "sdk/unknown-architecture" });
    expect((error as Error).message.split("\n")).toContain("npm install @ligo/okapi");
  });

  it("refuses another specification and a package without the architecture", async () => {
    const from = temporaryFolder();
    install(from, "@ligo/newt", { modelType: "newt", specVersion: "v2" });
    await expect(findArchitecture("newt", { from })).rejects.toMatchObject({
      code: "sdk/architecture-version",
      expected: "v1",
      actual: "v2",
    });
    install(from, "@ligo/mole", { modelType: "vole" });
    await expect(findArchitecture("mole", { from })).rejects.toMatchObject({
      code: "sdk/no-architecture-export",
      expected: "mole",
      actual: "also, vole",
    });
  });

  it.each(["../evil", "a/b", "", ".hidden", "a b"])("refuses the model type %j", async (type) => {
    await expect(findArchitecture(type)).rejects.toMatchObject({ code: "sdk/bad-model-type" });
  });
});
