import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "@ligo/vitest/files";
import { knownModelTypes } from "./architecture-packages.js";
import { findArchitecture } from "./find-architecture.js";

/** A folder that is a project: it has a `package.json`. */
function project(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "package.json"), '{"name":"mine"}');
  return folder;
}

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
    const from = project();
    install(from, "ligo-architecture-zebra", { modelType: "zebra" });
    await expect(findArchitecture("zebra", { from })).resolves.toMatchObject({
      from: "ligo-architecture-zebra",
    });
    install(from, "@ligo/zebra", { modelType: "zebra" });
    await expect(findArchitecture("zebra", { from })).resolves.toMatchObject({
      from: "@ligo/zebra",
    });
  });

  it("looks in the project around the folder, and finds packages that only export to import", async () => {
    const folder = project();
    install(folder, "@ligo/yak", { modelType: "yak", exports: { import: "./main.js" } });
    const from = join(folder, "deep", "er");
    mkdirSync(from, { recursive: true });
    await expect(findArchitecture("yak", { from })).resolves.toMatchObject({
      modelTypes: ["also", "yak"],
    });
  });

  it("takes the package or path it is told", async () => {
    const from = project();
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

  it("says what there is where it knows none, and advises to install none of a name it was given", async () => {
    const from = temporaryFolder();
    const error = (await findArchitecture("okapi", { from }).catch(
      (thrown: unknown) => thrown,
    )) as Error;
    expect(error).toMatchObject({ code: "sdk/unknown-architecture" });
    for (const part of ["bert (@ligo/bert)", "vit (@ligo/vit)", "`architecture`"]) {
      expect(error.message).toContain(part);
    }
    expect(error.message).not.toMatch(/npm install|@ligo\/okapi|ligo-architecture-okapi/u);
  });

  it("refuses another specification and a package without the architecture", async () => {
    const from = project();
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

  it("takes a package of this project that holds no architecture for none", async () => {
    await expect(findArchitecture("core")).rejects.toMatchObject({
      code: "sdk/unknown-architecture",
    });
  });

  describe("runs no code", () => {
    /** A checkpoint with packages of its own, in a project with packages. */
    function downloaded(): { readonly from: string; readonly checkpoint: string } {
      const from = project();
      const checkpoint = join(from, "models", "small");
      mkdirSync(checkpoint, { recursive: true });
      writeFileSync(join(checkpoint, "package.json"), '{"name":"small"}');
      for (const folder of [checkpoint, from]) {
        for (const name of ["@ligo/bert", "ligo-architecture-quagga", "quagga-package"]) {
          install(folder, name, { modelType: name.includes("bert") ? "bert" : "quagga" });
        }
      }
      return { from, checkpoint };
    }

    it("of a package that stands in for one of ligo's own", async () => {
      const { checkpoint, from } = downloaded();
      for (const place of [from, checkpoint]) {
        const found = await findArchitecture("bert", { from: place });
        expect(found).not.toHaveProperty("from");
        expect(found.modelTypes).toEqual(["bert"]);
      }
    });

    it("from the folder of a checkpoint or a folder above it", async () => {
      const { checkpoint, from } = downloaded();
      for (const place of [from, checkpoint, join(from, "models")]) {
        await expect(findArchitecture("quagga", { from: place, checkpoint })).rejects.toMatchObject(
          { code: "sdk/unknown-architecture" },
        );
        await expect(
          findArchitecture("quagga", { from: place, checkpoint, architecture: "quagga-package" }),
        ).rejects.toMatchObject({ code: "sdk/architecture-not-found" });
      }
      const elsewhere = temporaryFolder();
      await expect(
        findArchitecture("quagga", { from, checkpoint: elsewhere }),
      ).resolves.toMatchObject({ from: "ligo-architecture-quagga" });
    });

    it("through a link into the checkpoint", async () => {
      const { checkpoint } = downloaded();
      const from = project();
      mkdirSync(join(from, "node_modules"));
      symlinkSync(
        join(checkpoint, "node_modules", "ligo-architecture-quagga"),
        join(from, "node_modules", "ligo-architecture-quagga"),
      );
      await expect(findArchitecture("quagga", { from, checkpoint })).rejects.toMatchObject({
        code: "sdk/unknown-architecture",
      });
      await expect(findArchitecture("quagga", { from })).resolves.toMatchObject({
        from: "ligo-architecture-quagga",
      });
    });

    it("from a folder that is no project", async () => {
      const from = temporaryFolder();
      install(from, "@ligo/quagga", { modelType: "quagga" });
      await expect(findArchitecture("quagga", { from })).rejects.toMatchObject({
        code: "sdk/unknown-architecture",
      });
    });

    it.each([
      "data:text/javascript,export{}",
      "file:///tmp/a.mjs",
      "https://host/a.js",
      "node:fs",
      "fs",
    ])("of the address %s", async (architecture) => {
      await expect(findArchitecture("quagga", { architecture })).rejects.toMatchObject({
        code: "sdk/architecture-not-found",
      });
    });
  });

  it("cuts a model type that is no name", async () => {
    const error = (await findArchitecture("b".repeat(1e5)).catch(
      (thrown: unknown) => thrown,
    )) as Error;
    expect(error).toMatchObject({ code: "sdk/bad-model-type" });
    expect(error.message.length).toBeLessThan(400 + knownModelTypes.length);
  });

  it.each(["../evil", "a/b", "", ".hidden", "a b"])("refuses the model type %j", async (type) => {
    await expect(findArchitecture(type)).rejects.toMatchObject({ code: "sdk/bad-model-type" });
  });
});
