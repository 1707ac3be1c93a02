import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { format, type FormatConfig } from "oxfmt";
import { describe, expect, it } from "vitest";
import { linksOf } from "./links.js";
import { address, completed, generatedFields, pathOfLink, withAbsoluteLinks } from "./metadata.js";
import { publicPackages, readJson, root } from "./workspaces.js";

// `npm run generate` writes these files.

const options = readJson(".oxfmtrc.json") as FormatConfig;

const textOf = (path: string): string => readFileSync(join(root, path), "utf8");

describe.each(publicPackages.map((workspace) => [workspace.folder, workspace] as const))(
  "%s",
  (folder, { directory, manifest }) => {
    it("says where it is developed, and how it is published", async () => {
      const text = JSON.stringify(completed(manifest, folder), undefined, 2);
      const { code } = await format("package.json", text, {
        printWidth: options.printWidth ?? 100,
      });
      await expect(code).toMatchFileSnapshot(join(directory, "package.json"));
    });

    it("can be found by its keywords", () => {
      expect(manifest.keywords).toEqual([...new Set(manifest.keywords)]);
      expect(manifest.keywords).toEqual(expect.arrayContaining(["ligo", "transformers"]));
      expect(manifest.keywords?.length).toBeGreaterThan(3);
    });

    it("holds the licence", async () => {
      await expect(textOf("LICENSE")).toMatchFileSnapshot(join(directory, "LICENSE"));
    });

    it("has a README whose links lead somewhere from npm's pages", async () => {
      const readme = withAbsoluteLinks(textOf(`${folder}/README.md`), folder);
      await expect(readme).toMatchFileSnapshot(join(directory, "README.md"));
      const broken = linksOf(readme)
        .map(({ url }) => pathOfLink(url))
        .filter((path) => path !== undefined && !existsSync(join(root, path)));
      expect(broken).toEqual([]);
    });
  },
);

describe("the address of the repository", () => {
  it.each(["CITATION.cff", "SECURITY.md", ".github/ISSUE_TEMPLATE/config.yml"])(
    "is the same in %s",
    (path) => {
      const named = textOf(path).match(/https:\/\/github\.com\/[\w.-]+\/[\w-]+/gu) ?? [];
      expect(named.length).toBeGreaterThan(0);
      expect(new Set(named)).toEqual(new Set([address]));
    },
  );
});

describe("what is generated", () => {
  it("stands behind the licence, and replaces what was there", () => {
    const manifest = {
      name: "a",
      version: "1.0.0",
      license: "MIT",
      homepage: "http://x",
      main: "y",
    };
    const fields = Object.keys(completed(manifest, "packages/a"));
    expect(fields.join(" ")).toBe(
      "name version license repository bugs publishConfig engines homepage main",
    );
    expect(completed(manifest, "packages/a")).toMatchObject(generatedFields("packages/a"));
  });

  it("leaves absolute links and anchors alone", () => {
    const text = "[a](https://x.y) [b](#b) ![c](../../docs/c.png) [d](../sdk/README.md#e)";
    expect(withAbsoluteLinks(text, "packages/cli")).toBe(
      `[a](https://x.y) [b](#b) ![c](${address}/blob/main/docs/c.png) [d](${address}/blob/main/packages/sdk/README.md#e)`,
    );
    expect(pathOfLink(`${address}/blob/main/packages/sdk/README.md#e`)).toBe(
      "packages/sdk/README.md",
    );
    expect(pathOfLink("https://x.y/blob/main/z")).toBeUndefined();
  });
});
