import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { packageOf, parseImports } from "./imports.js";
import { root, workspaces } from "./workspaces.js";

const PAGE = "docs/contributing/architecture.md";

/** A file of a walk and the one it stands below. */
interface Stop {
  readonly file: string;
  readonly parent: string | undefined;
}

/** The lists of a page that follow `<!-- walk -->`. */
function walksOf(page: string): readonly (readonly Stop[])[] {
  return page
    .split("<!-- walk -->")
    .slice(1)
    .map((text) => {
      const above: string[] = [];
      const lines = text.split(/\n(?!\s*-|\n)/u)[0]?.match(/^ *- `[^`]+`/gmu) ?? [];
      return lines.map((line) => {
        const [, indent = "", file = ""] = /^( *)- `([^`]+)`/u.exec(line) ?? [];
        const depth = indent.length / 2;
        above.splice(depth, above.length, file);
        return { file, parent: above[depth - 1] };
      });
    });
}

const read = (file: string): string => readFileSync(join(root, file), "utf8");

/** Files of the repository that a file imports; of another package the entry that the specifier names. */
function importsOf(file: string): readonly string[] {
  return parseImports(read(file)).flatMap(({ specifier }) => {
    if (specifier.startsWith(".")) {
      return [join(dirname(file), specifier).replace(/\.js$/u, ".ts")];
    }
    const workspace = workspaces.find(({ manifest }) => manifest.name === packageOf(specifier));
    if (workspace === undefined) return [];
    const entry = relative(packageOf(specifier), specifier);
    return [join(workspace.folder, "src", entry, "index.ts")];
  });
}

/** Whether a file imports another: directly, or through entries that hand its names on. */
function reaches(from: string, to: string, seen: Set<string> = new Set()): boolean {
  return importsOf(from).some((file) => {
    if (file === to) return true;
    if (!file.endsWith("/index.ts") || seen.has(file) || !existsSync(join(root, file)))
      return false;
    seen.add(file);
    return reaches(file, to, seen);
  });
}

describe("docs/contributing/architecture.md", () => {
  const walks = walksOf(read(PAGE));

  it("has walks, each of several files", () => {
    expect(walks.length).toBeGreaterThanOrEqual(3);
    expect(walks.filter((walk) => walk.length < 5)).toEqual([]);
  });

  it.each(walks.map((walk, index) => [index + 1, walk] as const))(
    "walk %i enters every file once, each from the one above it",
    (_, walk) => {
      const files = walk.map(({ file }) => file);
      expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
      expect(files.filter((file, index) => files.indexOf(file) !== index)).toEqual([]);
      const astray = walk.filter(
        ({ file, parent }) => parent !== undefined && !reaches(parent, file),
      );
      expect(astray).toEqual([]);
    },
  );
});
