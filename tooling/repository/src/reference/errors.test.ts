import { readFileSync } from "node:fs";
import { join } from "node:path";
import { format, type FormatConfig } from "oxfmt";
import { describe, expect, it } from "vitest";
import { isTestFile, publicPackages, readJson, root, sourceFiles } from "../workspaces.js";
import { errorCodes } from "./error-codes.js";
import { errorsPage, SAID } from "./errors-page.js";

const PAGE = "docs/reference/errors.md";

/** Sources of the packages but the testkit, whose codes are of tests. */
const sources = new Map(
  publicPackages
    .filter(({ folder }) => folder !== "packages/testkit")
    .flatMap((workspace) =>
      sourceFiles(workspace)
        .filter((file) => !isTestFile(file))
        .map((file) => join(workspace.folder, file)),
    )
    .map((path) => [path, readFileSync(join(root, path), "utf8")] as const),
);

describe("docs/reference/errors.md", () => {
  const codes = errorCodes(sources);

  it("has every code of the sources (`npm run generate`)", async () => {
    const { printWidth = 100 } = readJson(".oxfmtrc.json") as FormatConfig;
    const { code, errors } = await format(PAGE, errorsPage(codes), { printWidth });
    expect(errors).toEqual([]);
    await expect(code).toMatchFileSnapshot(join(root, PAGE));
  });

  it("knows the room of every code that an error is made with", () => {
    const made = [...sources.values()].flatMap((text) =>
      [...text.matchAll(/Error\(\s*"([\w-]+\/[\w-]+)"/gu)].map(([, code]) => code),
    );
    const known = new Set(codes.map(({ code }) => code));
    expect(made.length).toBeGreaterThan(100);
    expect(made.filter((code = "") => !known.has(code))).toEqual([]);
  });

  it("says something of every code", () => {
    const silent = codes.filter(({ code, messages }) => messages.length === 0 && !(code in SAID));
    expect(silent.map(({ code, files }) => [code, ...files])).toEqual([]);
  });

  it("has words of its own only for codes that have none", () => {
    const silent = codes.filter(({ messages }) => messages.length === 0).map(({ code }) => code);
    expect(Object.keys(SAID).filter((code) => !silent.includes(code))).toEqual([]);
  });
});

describe("codes of a source", () => {
  const codesOf = (text: string): unknown => errorCodes(new Map([["a.ts", text]]));

  it("have class and message", () => {
    expect(
      codesOf(
        'throw new DataError("data/empty", `${file} holds ${a.b + 1} ` + "rows.", { file });',
      ),
    ).toEqual([
      {
        code: "data/empty",
        classes: ["DataError"],
        messages: ["<file> holds … rows."],
        files: ["a.ts"],
      },
    ]);
  });

  it("are found in faults, and without a message", () => {
    expect(
      codesOf(
        'const a = [{ code: "run/changed", message: "A setting is another." }, "run/exists"];',
      ),
    ).toEqual([
      {
        code: "run/changed",
        classes: [],
        messages: ["A setting is another."],
        files: ["a.ts"],
      },
      { code: "run/exists", classes: [], messages: [], files: ["a.ts"] },
    ]);
    expect(codesOf('const a = "no/code";')).toEqual([]);
  });
});
