import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import ts from "typescript";
import { afterEach, beforeEach, expect, it } from "vitest";
import { declarationOf, exportedSources } from "./declarations.js";

const run = promisify(execFile);
const TSUP = join(dirname(createRequire(import.meta.url).resolve("tsup")), "cli-default.js");
const [CONFIG, TSCONFIG] = ["tsup.config.ts", "tsconfig.base.json"].map((name) =>
  fileURLToPath(new URL(`../../../${name}`, import.meta.url)),
) as [string, string];

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ligo-declarations-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** Builds the package in `folder` as every package is built; returns its declaration files and their maps. */
async function buildPackage(): Promise<readonly string[]> {
  await run(process.execPath, [TSUP, "--config", CONFIG, "--tsconfig", TSCONFIG], { cwd: folder });
  const files = await readdir(join(folder, "dist"), { recursive: true });
  return files.filter((file) => file.includes(".d.ts")).toSorted();
}

const manifest = (exports: object): string =>
  JSON.stringify({ name: "a", type: "module", exports });
const index = { "@ligo/source": "./src/index.ts", types: "./dist/index.d.ts" };

it("writes what exported sources reach, each file with a map", async () => {
  await put({
    "package.json": manifest({ ".": index, "./package.json": "./package.json" }),
    "src/index.ts": [
      'import { hidden } from "./hidden.js";',
      'export { size } from "./parts/size.js";',
      "/** A shape. */",
      "export const shape: readonly number[] = [hidden];",
    ].join("\n"),
    "src/hidden.ts": "export const hidden: number = 2;",
    "src/parts/size.ts":
      'export function size(of: import("./thing.js").Thing): number {\n  return of.size;\n}',
    "src/parts/thing.ts":
      'import type { URL } from "node:url";\nexport interface Thing { readonly size: number; from?: URL }',
    "src/unused.test.ts": "export const unused: number = 1;",
  });
  expect(await buildPackage()).toEqual([
    "index.d.ts",
    "index.d.ts.map",
    "parts/size.d.ts",
    "parts/size.d.ts.map",
    "parts/thing.d.ts",
    "parts/thing.d.ts.map",
  ]);
  expect(await readFile(join(folder, "dist/index.d.ts"), "utf8")).toBe(
    [
      'export { size } from "./parts/size.js";',
      "/** A shape. */",
      "export declare const shape: readonly number[];",
      "//# sourceMappingURL=index.d.ts.map",
      "",
    ].join("\n"),
  );
  const map = await readFile(join(folder, "dist/parts/size.d.ts.map"), "utf8");
  expect(JSON.parse(map)).toMatchObject({ version: 3, sources: ["../../src/parts/size.ts"] });
});

it("writes declarations that Node's module resolution understands", async () => {
  await put({
    "package.json": manifest({ ".": index }),
    "src/index.ts": 'export type { A } from "./a.js";',
    "src/a.ts": "export interface A { readonly a: number }",
    "user.ts": 'import type { A } from "./dist/index.js";\nexport const a: A = { a: "one" };',
  });
  await buildPackage();
  const program = ts.createProgram([join(folder, "user.ts")], {
    module: ts.ModuleKind.NodeNext,
    strict: true,
    noEmit: true,
    types: [],
    lib: ["lib.es5.d.ts"],
  });
  const messages = ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText);
  expect(messages).toEqual(["Type 'string' is not assignable to type 'number'."]);
});

it("fails where the type of an export is not written out", async () => {
  await put({
    "package.json": manifest({ ".": index }),
    "src/index.ts": 'import { f } from "./f.js";\nexport const a = f();',
    "src/f.ts": "export const f = (): number => 1;",
  });
  expect(declarationOf(join(folder, "src/index.ts")).errors).toEqual([
    expect.stringMatching(/src\/index\.ts: .*--isolatedDeclarations/s),
  ]);
  await expect(buildPackage()).rejects.toMatchObject({
    stderr: expect.stringMatching(/--isolatedDeclarations/) as string,
  });
});

it("writes none for a package that exports no sources", async () => {
  await put({ "package.json": manifest({}), "src/index.ts": "export const a: number = 1;" });
  expect(exportedSources(folder)).toEqual([]);
  expect(await buildPackage()).toEqual([]);
});

/** A package from outside, as npm installs it: declarations without extensions, and its code as CommonJS. */
const installed = {
  "node_modules/@x/held/package.json": JSON.stringify({
    name: "@x/held",
    version: "1.2.3",
    license: "MIT",
    types: "index.d.ts",
  }),
  "node_modules/@x/held/index.js": "exports.two = () => require('./parts/two').two;",
  "node_modules/@x/held/parts/two.js": "exports.two = 2;",
  "node_modules/@x/held/index.d.ts": [
    '/// <reference types="unknown" />',
    "import { Two } from './parts';",
    "export * as parts from './parts';",
    "export declare const two: () => Two;",
    "export type Again = import('@x/held/parts/more').More;",
  ].join("\n"),
  "node_modules/@x/held/parts/index.d.ts": "export interface Two { readonly two: 2 }",
  "node_modules/@x/held/parts/more.d.ts": [
    "export interface More { readonly more: 3 }",
    "declare module '.' { interface Two { readonly added: 1 } }",
  ].join("\n"),
  "node_modules/@x/held/unused.d.ts": "export declare const unused: 1;",
};

const holding = {
  ...installed,
  "package.json": JSON.stringify({
    name: "a",
    type: "module",
    exports: { ".": index },
    dependencies: { outside: "1" },
    devDependencies: { "@x/held": "1" },
  }),
  "src/index.ts": [
    'export * from "@x/held";',
    'export type { Other } from "outside";',
    'export type { More } from "./more.js";',
  ].join("\n"),
  "src/more.ts": 'export type { More } from "@x/held/parts/more.js";',
};

it("copies the declarations of packages that the build holds", async () => {
  await put(holding);
  const held = "held/@x/held/";
  expect(await buildPackage()).toEqual(
    ["index.d.ts", "parts/index.d.ts", "parts/more.d.ts"]
      .map((name) => `${held}${name}`)
      .concat("index.d.ts", "index.d.ts.map", "more.d.ts", "more.d.ts.map"),
  );
  const textOf = (name: string): Promise<string> => readFile(join(folder, "dist", name), "utf8");
  expect(await textOf("index.d.ts")).toMatch(
    'export * from "./held/@x/held/index.js";\nexport type { Other } from "outside";\n',
  );
  expect(await textOf("more.d.ts")).toContain('from "./held/@x/held/parts/more.js";');
  expect(await textOf(`${held}index.d.ts`)).toBe(
    [
      "import { Two } from './parts/index.js';",
      "export * as parts from './parts/index.js';",
      "export declare const two: () => Two;",
      "export type Again = import('./parts/more.js').More;",
    ].join("\n"),
  );
  expect(await textOf(`${held}parts/more.d.ts`)).toContain("declare module './index.js' {");
});

it("fails where a package that the build holds has no declarations", async () => {
  await put({ ...holding, "src/more.ts": 'export type { More } from "@x/other";' });
  await expect(buildPackage()).rejects.toMatchObject({
    stderr: expect.stringMatching(/no declarations of @x\/other, which is no dependency/) as string,
  });
});

it.each([
  ["a file", { "node_modules/@x/held/LICENSE.md": "Do as you like.\n" }],
  ["the README", { "node_modules/@x/held/README.md": "# held\n\n## License\n\nDo as you like.\n" }],
])("writes the licences of code that the build holds, from %s", async (_, files) => {
  await put({ ...holding, ...files });
  await buildPackage();
  const text = await readFile(join(folder, "dist/LICENSES-HELD.txt"), "utf8");
  expect(text).toMatch(
    /^This build holds code of others\.\n\n== @x\/held 1\.2\.3: MIT\n\n[^]*Do as you like\.\n$/,
  );
});

it("writes no licences where the build holds nothing", async () => {
  await put({ "package.json": manifest({ ".": index }), "src/index.ts": "export const a = 1;" });
  await buildPackage();
  expect(await readdir(join(folder, "dist"))).not.toContain("LICENSES-HELD.txt");
});
