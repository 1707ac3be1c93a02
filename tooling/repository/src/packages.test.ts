import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exampleOf } from "./readme.js";
import { publicPackages, rootManifest, workspaces, type Manifest } from "./workspaces.js";

describe.each(publicPackages.map((workspace) => [workspace.folder, workspace] as const))(
  "%s",
  (_, { folder, directory, manifest }) => {
    it("has a standard package.json", () => {
      expect(manifest).toMatchObject({
        name: folder.replace("packages/", "@ligo/"),
        description: expect.stringMatching(/\.$/) as string,
        license: "Apache-2.0",
        type: "module",
        // gradients and kernels are registered where TensorFlow.js is loaded
        sideEffects: folder === "packages/tfjs",
        // a command's entry is a committed file, so that npm can link it before anything is built
        files: [
          ...(manifest.bin ? ["bin"] : []),
          "dist",
          "src",
          "!src/**/*.test.ts",
          "!src/**/__fixtures__",
        ],
      });
      expect(manifest.private).toBeUndefined();
    });

    it("exports its sources to this repository and its build to everyone else", () => {
      expect(manifest.exports?.["."]).toEqual({
        "@ligo/source": "./src/index.ts",
        types: "./dist/index.d.ts",
        default: "./dist/index.js",
      });
      // The first condition that matches wins.
      expect(Object.keys(manifest.exports?.["."] ?? {})[0]).toBe("@ligo/source");
      expect(manifest.exports?.["./package.json"]).toBe("./package.json");
    });

    it("has a README with an install line and an example", () => {
      expect(existsSync(join(directory, "README.md")), `${folder}/README.md is missing`).toBe(true);
      const readme = readFileSync(join(directory, "README.md"), "utf8");
      expect(readme).toMatch(new RegExp(`^npm (?:i|install) .*${manifest.name}\\b`, "m"));
      expect(exampleOf(readme), "a ```ts block").not.toBe("");
    });
  },
);

type Kind = "dependencies" | "devDependencies" | "optionalDependencies";
const KINDS: readonly Kind[] = ["dependencies", "devDependencies", "optionalDependencies"];

const manifests: readonly (readonly [string, Manifest])[] = [
  ["the root", rootManifest],
  ...workspaces.map(({ folder, manifest }) => [folder, manifest] as const),
];

/** Every dependency that npm installs for this repository: who asks for what, in which version. */
const asked = manifests.flatMap(([by, manifest]) =>
  KINDS.flatMap((kind) =>
    Object.entries(manifest[kind] ?? {}).map(([name, range]) => ({ by, kind, name, range })),
  ),
);

describe("dependencies", () => {
  it("agree on one version across workspaces", () => {
    const disagreements = [...new Set(asked.map(({ name }) => name))].flatMap((name) => {
      const users = asked.filter((one) => one.name === name);
      if (users.every(({ range }) => range === users[0]?.range)) return [];
      return [`${name}: ${users.map(({ by, range }) => `${by} ${range}`).join(", ")}`];
    });
    expect(disagreements).toEqual([]);
  });

  it("on packages of this repository name the version they have", () => {
    const versions = new Map(workspaces.map(({ manifest }) => [manifest.name, manifest.version]));
    const stale = asked.filter(
      ({ name, range }) => versions.has(name) && range.replace(/^[\^~]/, "") !== versions.get(name),
    );
    expect(stale).toEqual([]);
  });

  it("never include the native TensorFlow binding: its install script needs hosts beyond npm", () => {
    const native = /^@tensorflow\/tfjs-node(?:-gpu)?$/;
    expect(asked.filter(({ name }) => native.test(name))).toEqual([]);
    const requiredPeers = manifests.flatMap(([by, manifest]) =>
      Object.keys(manifest.peerDependencies ?? {})
        .filter((name) => native.test(name))
        .filter((name) => manifest.peerDependenciesMeta?.[name]?.optional !== true)
        .map((name) => `${by} ${name}`),
    );
    expect(requiredPeers).toEqual([]);
  });
});
