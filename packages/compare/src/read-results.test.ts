import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@ligo/vitest/files";
import { describe, expect, it } from "vitest";
import { madeResults } from "./__fixtures__/made-results.js";
import { readResults } from "./read-results.js";

/** A file that holds a value. */
function written(value: unknown, file = join(temporaryFolder(), "results.json")): string {
  writeFileSync(file, JSON.stringify(value));
  return file;
}

describe("readResults", () => {
  it("reads what a comparison writes, rows that diverged among it", async () => {
    const results = madeResults({
      scratch: [[3, 2, 1], null],
      stack: [
        [3, 2, 0.5],
        [3, 1, 1],
      ],
    });
    expect(await readResults(written(results))).toEqual(results);
  });

  it("names the file and the place of what is wrong", async () => {
    const results = madeResults({ scratch: [[3, 2, 1]] });
    const [cell] = results.cells;
    const wrong: readonly [unknown, string][] = [
      [[], "the file"],
      [{ ...results, format: "another" }, "format"],
      [{ ...results, cells: undefined }, "cells"],
      [{ ...results, cells: [{ ...cell, key: 1 }] }, "cells.0.key"],
      [
        { ...results, cells: [{ ...cell, curve: [{ step: 0, flops: 0, seconds: 0 }] }] },
        "cells.0.curve.0.loss",
      ],
    ];
    const file = written(results);
    for (const [value, place] of wrong) {
      await expect(readResults(written(value, file))).rejects.toMatchObject({
        code: "compare/bad-results",
        file,
        message: expect.stringContaining(`(${place}: `) as unknown,
      });
    }
    writeFileSync(file, "{");
    await expect(readResults(file)).rejects.toMatchObject({ code: "compare/not-json", file });
    await expect(readResults(`${file}.gone`)).rejects.toMatchObject({
      code: "checkpoint/not-found",
    });
  });
});
