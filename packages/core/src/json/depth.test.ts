import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_DEPTH, parseNested } from "./depth.js";
import { parseJson } from "./parse-json.js";

const nested = (levels: number, space = ""): string =>
  `${"[".repeat(levels)}${space}${"]".repeat(levels)}`;
/** Enough to have the depth counted in the text. */
const LONG = " ".repeat(2 ** 20);

describe("depth", () => {
  it.each(["", LONG])(
    "may be 500 levels, and no more, of a text that is short or long",
    (space) => {
      expect(JSON.stringify(parseJson(nested(MAX_DEPTH, space)))).toBe(nested(MAX_DEPTH));
      expect(() => parseJson(nested(MAX_DEPTH + 1, space))).toThrow(
        "nested deeper than 500 levels",
      );
    },
  );

  it("is not parsed to be seen: 40 million levels are refused without 40 million lists", () => {
    const text = "[".repeat(4e7);
    const before = process.memoryUsage().heapUsed;
    expect(() => parseJson(text)).toThrow("nested deeper than 500 levels");
    // the lists would take 64 bytes each
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(1e9);
  });

  it("is that of the value, whatever strings hold", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.string({ unit: "binary" }), (value, text) => {
        const given = { value, text, brackets: '[[{{\\"', slash: "\\", list: [[]] };
        const depth = depthOf(given);
        for (const space of ["", LONG]) {
          const json = `${JSON.stringify(given)}${space}`;
          expect(JSON.stringify(parseNested(json, depth))).toBe(JSON.stringify(given));
          expect(() => parseNested(json, depth - 1)).toThrow("nested deeper");
        }
      }),
      { numRuns: 30, seed: 1 },
    );
  });

  it("leaves what is not JSON to the parser", () => {
    for (const text of ['{"a', `${LONG}{"a\\`, `${LONG}]]]`]) {
      expect(() => parseJson(text)).toThrow(SyntaxError);
      expect(() => parseJson(text)).not.toThrow("nested");
    }
  });
});

/** Levels of objects and lists within each other. */
function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
