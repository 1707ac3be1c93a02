import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { anchorsOf, deadLinks, linksOf } from "./links.js";
import { root } from "./workspaces.js";

/** Pages of the repository: those that git has, and new ones that it does not ignore. */
const pages = execFileSync(
  "git",
  ["ls-files", "--cached", "--others", "--exclude-standard", "-z", "*.md"],
  { cwd: root, encoding: "utf8" },
)
  .split("\0")
  .filter((file) => file !== "" && !file.startsWith(".changeset/") && existsSync(join(root, file)));

/** Most lines of a page of the guide. */
const LONGEST = 150;

describe("pages", () => {
  it("link to files and headings that are there", () => {
    expect(pages.length).toBeGreaterThan(50);
    expect(pages.flatMap(deadLinks)).toEqual([]);
  });

  it("of the guide are short", () => {
    const guide = pages.filter((file) => file.startsWith("docs/guide/"));
    expect(guide.length).toBeGreaterThan(10);
    const lines = (file: string): number =>
      readFileSync(join(root, file), "utf8").split("\n").length;
    expect(guide.filter((file) => lines(file) > LONGEST + 1)).toEqual([]);
  });

  it("are all reached from the front page", () => {
    const reached = new Set(["README.md"]);
    for (const page of reached) {
      if (!page.endsWith(".md")) continue;
      for (const { url } of linksOf(readFileSync(join(root, page), "utf8"))) {
        const [path = ""] = url.split("#");
        if (path === "" || /^[a-z]+:/iu.test(path)) continue;
        const target = join(page, "..", path).replace(/\/$/u, "");
        reached.add(existsSync(join(root, target, "README.md")) ? `${target}/README.md` : target);
      }
    }
    expect(pages.filter((file) => file.startsWith("docs/") && !reached.has(file))).toEqual([]);
  });
});

describe("links of a page", () => {
  const page = [
    "# One `code` & two",
    "## Again",
    "## Again",
    "see [a](b.md#c), `[no](no.md)`, ![picture](p.png)",
    "```sh",
    "# no heading, [no](no.md)",
    "```",
    "[ref]: other.md",
  ].join("\n");

  it("are found outside of code", () => {
    expect(linksOf(page)).toEqual([
      { line: 4, url: "b.md#c" },
      { line: 4, url: "p.png" },
      { line: 8, url: "other.md" },
    ]);
  });

  it("lead to the anchors that GitHub makes", () => {
    expect([...anchorsOf(page)]).toEqual(["one-code--two", "again", "again-1"]);
  });
});
