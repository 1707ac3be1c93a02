import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isRequired } from "@ligo/vitest/chromium";
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";
import { assertBuilt, htmlOf, isBuilt, paths } from "../__fixtures__/built-site.js";
import { publicEntries } from "./api.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const entries = publicEntries(root);

/** What `import` of a package may name, but files that are no modules. */
function importable(folder: string): readonly string[] {
  const { exports, name } = JSON.parse(
    readFileSync(join(root, "packages", folder, "package.json"), "utf8"),
  ) as { readonly name: string; readonly exports: Readonly<Record<string, unknown>> };
  return Object.keys(exports)
    .filter((path) => !path.endsWith(".json"))
    .map((path) => `${name}${path.slice(1)}`);
}

it("every module that a package exports is an entry of the reference", () => {
  const modules = readdirSync(join(root, "packages")).flatMap(importable);
  expect(modules).toContain("@ligo/core/layout");
  expect(entries.map(({ name }) => name).toSorted()).toEqual(modules.toSorted());
});

/** The text of HTML: signatures after a name, marks of what is abstract, and anchors left out. */
const nameIn = (html: string): string =>
  html
    .replace(/<a class="header-anchor".*/su, "")
    .replace(/<code>abstract<\/code>/u, "")
    .replaceAll(/<[^>]+>/gu, "")
    .replace("()", "")
    .trim();

/** Names that the page of an entry has, sorted, by the name of the entry: those of headings, and of listed namespaces. */
const namesOfPages = (): ReadonlyMap<string, readonly string[]> =>
  new Map(
    paths
      .filter((path) => path.startsWith("/api/@"))
      .map((path) => {
        const html = htmlOf(path);
        const [, heading = ""] = /<h1[^>]*>(.*?)<\/h1>/su.exec(html) ?? [];
        const headings = html.matchAll(/<h3[^>]*>(.*?)<\/h3>/gsu);
        const [namespaces = ""] = /<h2 id="namespaces".*?<\/ul>/su.exec(html) ?? [];
        const listed = namespaces.matchAll(/<li>(.*?)<\/li>/gsu);
        const names = [...headings, ...listed].map(([, text = ""]) => nameIn(text));
        return [nameIn(heading), [...new Set(names)].toSorted()];
      }),
  );

/** Names that the entries export, sorted, by TypeScript's own resolution, which knows nothing of typedoc. */
function exportedNames(): ReadonlyMap<string, readonly string[]> {
  const file = join(root, "tsconfig.json");
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(file, (path) => ts.sys.readFile(path)).config,
    ts.sys,
    root,
  );
  const program = ts.createProgram(
    entries.map(({ source }) => join(root, source)),
    options,
  );
  const checker = program.getTypeChecker();
  return new Map(
    entries.map(({ name, source }) => {
      const module = program.getSourceFile(join(root, source));
      const symbol = module && checker.getSymbolAtLocation(module);
      if (symbol === undefined) throw new Error(`${source} exports nothing.`);
      return [
        name,
        checker
          .getExportsOfModule(symbol)
          .map((one) => one.name)
          .toSorted(),
      ];
    }),
  );
}

// `npm test` builds the site before; where it is not built there are no pages, which is a failure in CI.
describe.skipIf(!isBuilt && !isRequired)("the reference of the site", () => {
  beforeAll(assertBuilt);

  // a program of all sources: seconds, and half a minute where other work is going on
  it("has the names that every entry exports", { timeout: 180_000 }, () => {
    const exported = exportedNames();
    const written = namesOfPages();
    expect(exported.get("@ligo/sdk")).toContain("grow");
    for (const [entry, names] of exported) expect(written.get(entry), entry).toEqual(names);
  });
});
