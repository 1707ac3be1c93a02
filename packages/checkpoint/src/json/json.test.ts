import { readFile } from "node:fs/promises";
import { layOver, MAX_DEPTH, parseJson } from "@ligo/core/json";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failure, temporaryFolder, writeFiles } from "@ligo/vitest/files";
import { join } from "node:path";
import { fixture } from "../__fixtures__/fixture.js";
import { readJsonFile } from "./json-file.js";
import { renderJson, renderPythonJson } from "./render-json.js";

const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
const bytes = (text: string, encoding: BufferEncoding): Uint8Array => Buffer.from(text, encoding);

describe("parseJson", () => {
  it("reads what JSON.parse reads, with and without spelling, and refuses what it refuses", () => {
    const broken = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom("", '"', "{", "]", ",", ":", "\\", "-", "0", "x"))
      .map(([text, at, inserted]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + inserted + text.slice(place + 1);
      });
    fc.assert(
      fc.property(fc.oneof(fc.json(), broken), (text) => {
        let expected: unknown;
        let isJson = true;
        try {
          expected = JSON.parse(text);
        } catch {
          isJson = false;
        }
        for (const spelling of [false, true]) {
          const parse = (): unknown => parseJson(text, { spelling });
          if (isJson) expect(JSON.stringify(parse())).toBe(JSON.stringify(expected));
          else expect(parse).toThrow(SyntaxError);
        }
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it.each([
    ["NaN", Number.NaN],
    ["[Infinity, -Infinity]", [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
    ['\uFEFF{"a": 1}', { a: 1 }],
    ['{"a": 1, "a": 2}', { a: 2 }],
    [' "\\ud800\\u0041\\n/\\/" ', "\ud800A\n//"],
  ])("reads %s as Python does", (text, value) => {
    expect(parseJson(text)).toEqual(value);
    // a clone has no spelling
    expect(structuredClone(parseJson(text, { spelling: true }))).toEqual(value);
    expect(parseJson(bytes(text, "utf8"))).toEqual(value);
  });

  it.each([
    ["", /^line 1, column 1: the end of the file instead of a value/u],
    ['{"a": 1,\n "b": nan}', /^line 2, column 7: "nan\}" instead of a value/u],
    ['{"a": 1,}', /instead of a key in double quotes/u],
    ["[1, 2", /instead of a comma or \]/u],
    ['{"a" 1}', /instead of a colon/u],
    ['"a\nb"', /instead of the end of a string/u],
    ["[01]", /"1\]" instead of a comma/u],
    ["+Infinity", /instead of a value/u],
    ["1 2", /instead of the end of the file/u],
  ])("says where %j is wrong", (text, reason) => {
    expect(() => parseJson(text)).toThrow(reason);
    expect(() => parseJson(text, { spelling: true })).toThrow(reason);
  });

  it.each([
    ["utf16le", "\uFEFF{}", "UTF-16"],
    ["utf16le", '{"a": 1}', "UTF-16"],
  ] as const)("tells %s text", (encoding, text, named) => {
    expect(() => parseJson(bytes(text, encoding))).toThrow(`it is ${named} text: save it as UTF-8`);
  });

  it("tells UTF-32 and what is no text at all", () => {
    expect(() => parseJson(Uint8Array.of(0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0))).toThrow("UTF-32");
    expect(() => parseJson(Uint8Array.of(0, 0, 0, 0x7b))).toThrow("UTF-32");
    expect(() => parseJson(Uint8Array.of(0x7b, 0xff, 0x7d))).toThrow("it is not UTF-8 text");
  });

  it("reads as deep as anything real goes, and no deeper", () => {
    for (const spelling of [false, true]) {
      expect(JSON.stringify(parseJson(nested(MAX_DEPTH), { spelling }))).toBe(nested(MAX_DEPTH));
      for (const depth of [MAX_DEPTH + 1, 200_000]) {
        expect(() => parseJson(nested(depth), { spelling })).toThrow(`deeper than ${MAX_DEPTH}`);
        expect(() => parseJson(`{"a":${nested(depth)}}`, { spelling })).toThrow("deeper than");
      }
    }
  });

  it("refuses a key that occurs twice where that is asked for", () => {
    expect(() => parseJson('{"a": {"b": 1, "\\u0062": 2}}', { unique: true })).toThrow('"b" twice');
    expect(parseJson('{"a": {"a": 1}}', { unique: true })).toEqual({ a: { a: 1 } });
  });

  it("takes __proto__ for a key like any other", () => {
    for (const spelling of [false, true]) {
      const found = parseJson('{"__proto__": {"a": 1}}', { spelling });
      expect(Object.keys(found as object)).toEqual(["__proto__"]);
      expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
    }
  });
});

describe("spelling", () => {
  const written = `{
  "again": {
    "list": [
      1.0,
      2,
      -0.0
    ]
  },
  "big": 1000000000000000019884624838656,
  "bigger": 1e400,
  "half": 0.50,
  "integer": 12345678901234567890,
  "none": NaN,
  "temperature": 2.0,
  "tiny": 1E-5
}
`;

  it("is kept where numbers are not changed", () => {
    const value = parseJson(written, { spelling: true });
    expect(renderPythonJson(value)).toBe(written);
    expect(renderJson(value)).toBe(written);
    expect(renderPythonJson({ ...(value as object) })).toBe(written);
  });

  it("goes with the number, not with the key", () => {
    const value = parseJson('{"a": 2.0, "b": 1.0}', { spelling: true }) as object;
    expect(renderPythonJson({ ...value, a: 3 })).toBe('{\n  "a": 3,\n  "b": 1.0\n}\n');
  });

  it("is kept of both where one object is laid over another", () => {
    const [below, above] = ['{"a": 2.0, "b": 1.0}', '{"b": 3.0, "c": 4.0}'].map(
      (text) => parseJson(text, { spelling: true }) as object,
    );
    const laid = layOver(below as object, above as object);
    expect(renderPythonJson(laid)).toBe('{\n  "a": 2.0,\n  "b": 3.0,\n  "c": 4.0\n}\n');
    expect(renderPythonJson(layOver({ a: 1 }, { b: 2 }))).toBe('{\n  "a": 1,\n  "b": 2\n}\n');
  });

  it("adds nothing that other code sees", async () => {
    const text = await readFile(fixture("bert-tiny/config.json"), "utf8");
    expect(parseJson(text, { spelling: true })).toEqual(JSON.parse(text));
    const value = parseJson(written, { spelling: true }) as object;
    expect(JSON.stringify(value)).not.toContain("spelling");
    expect(Object.keys(value)).toHaveLength(8);
  });

  it("does not render what is nested too deep", () => {
    let value: unknown = [];
    for (let depth = 0; depth < 100_000; depth++) value = [value];
    expect(() => renderJson({ x: value })).toThrow(/nested deeper than/u);
  });
});

describe("readJsonFile", () => {
  it("names the file, and what is wrong with it", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, { "good.json": "\uFEFF[NaN]", "bad.json": "[1" });
    expect((await readJsonFile(join(folder, "good.json"))).value).toEqual([Number.NaN]);
    const file = join(folder, "bad.json");
    expect(await failure(readJsonFile(file, { code: "checkpoint/x" }))).toMatchObject({
      code: "checkpoint/x",
      file,
      message: expect.stringMatching(/line 1, column 3/u) as string,
    });
  });
});
