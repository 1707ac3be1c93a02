import { expect, it } from "vitest";
import { packageOf, parseImports } from "./imports.js";

it("finds every form of import, with its kind and line", () => {
  const code = [
    'import "a";',
    'import b, { type B } from "b";',
    'import type { C } from "c";',
    'export * from "d";',
    'export type { E } from "e";',
    'const f = await import("f");',
    'let g: import("g").G;',
    'const no = "import x from \'h\'"; // import "i"',
    "import(name);",
  ].join("\n");
  expect(parseImports(code)).toEqual([
    { specifier: "a", kind: "static", line: 1 },
    { specifier: "b", kind: "static", line: 2 },
    { specifier: "c", kind: "type", line: 3 },
    { specifier: "d", kind: "static", line: 4 },
    { specifier: "e", kind: "type", line: 5 },
    { specifier: "f", kind: "dynamic", line: 6 },
    { specifier: "g", kind: "type", line: 7 },
  ]);
});

it("names the package of a specifier", () => {
  expect(packageOf("@ligo/core/x/y")).toBe("@ligo/core");
  expect(packageOf("zod/v4")).toBe("zod");
});
