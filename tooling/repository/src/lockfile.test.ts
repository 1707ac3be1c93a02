import { describe, expect, it } from "vitest";
import { foreignEntries, missingOptionals, type LockedPackages } from "./lockfile.js";
import { readJson, rootManifest, workspaces } from "./workspaces.js";

const { packages } = readJson("package-lock.json") as { readonly packages: LockedPackages };

describe("package-lock.json", () => {
  it("holds every optional dependency", () => {
    expect(missingOptionals(packages)).toEqual([]);
  });

  it("names no host but the npm registry", () => {
    expect(foreignEntries(packages)).toEqual([]);
  });

  it("is up to date with every package.json", () => {
    const all = [
      ["", rootManifest] as const,
      ...workspaces.map((w) => [w.folder, w.manifest] as const),
    ];
    for (const [path, manifest] of all) {
      for (const kind of ["dependencies", "devDependencies", "optionalDependencies"] as const) {
        expect(packages[path]?.[kind] ?? {}, `${path || "root"}: ${kind}`).toEqual(
          manifest[kind] ?? {},
        );
      }
      if (path !== "") expect(packages[`node_modules/${manifest.name}`]?.resolved).toBe(path);
    }
  });
});

describe("missingOptionals", () => {
  const optionalDependencies = { "@x/linux": "1" };

  it("finds an entry beside, below or above the package that wants it", () => {
    for (const place of ["node_modules/a/node_modules/@x/linux", "node_modules/@x/linux"]) {
      expect(missingOptionals({ "node_modules/a": { optionalDependencies }, [place]: {} })).toEqual(
        [],
      );
    }
    const nested = "packages/p/node_modules/a";
    expect(
      missingOptionals({
        [nested]: { optionalDependencies },
        "packages/p/node_modules/@x/linux": {},
      }),
    ).toEqual([]);
  });

  it("names who misses what", () => {
    expect(
      missingOptionals({
        "node_modules/a": { optionalDependencies },
        "node_modules/b/node_modules/@x/linux": {},
      }),
    ).toEqual(["node_modules/a wants @x/linux"]);
  });
});

describe("foreignEntries", () => {
  it("names entries from other hosts and entries without integrity", () => {
    expect(
      foreignEntries({
        "": {},
        "packages/p": {},
        "node_modules/p": { resolved: "packages/p", link: true },
        "node_modules/a": { integrity: "sha512-x" },
        "node_modules/b": { resolved: "git+ssh://git@github.com/b/b.git", integrity: "sha512-x" },
        "node_modules/c": {},
      }),
    ).toEqual([
      "node_modules/b comes from git+ssh://git@github.com/b/b.git",
      "node_modules/c has no integrity",
    ]);
  });
});
