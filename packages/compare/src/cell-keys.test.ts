import { describe, expect, it } from "vitest";
import { RECIPE, TARGET, type Recipe } from "./__fixtures__/tiny-recipe.js";
import { cellsOf } from "./cell-keys.js";
import { parseComparison } from "./recipe/parse-comparison.js";

const facts = { source: { sha256: "s" }, data: "d", objective: "masked-lm", target: TARGET };

/** Keys of the cells of a recipe, by row. */
const keysOf = (changes: Recipe): Readonly<Record<string, string>> => {
  const cells = cellsOf(parseComparison({ ...RECIPE, ...changes }), facts);
  return Object.fromEntries(cells.map(({ key, method, seed }) => [`${method.name} ${seed}`, key]));
};

/** Rows whose keys are not those of the plain recipe. */
const changed = (changes: Recipe): readonly string[] => {
  const before = keysOf({ methods });
  return Object.entries(keysOf({ methods, ...changes }))
    .filter(([name, key]) => before[name] !== key)
    .map(([name]) => name);
};
const methods = [
  "stack",
  "direct-copy",
  "ligo",
  { name: "phases", method: "scratch", phases: [{ share: 0.5 }, { share: 0.5, method: "stack" }] },
  { name: "learned", method: "scratch", phases: [{ share: 0.5 }, { share: 0.5, method: "ligo" }] },
];
const SAME_STEPS = "source, same steps 0";
const REST = ["stack 0", "direct-copy 0", "ligo 0", "phases 0", "learned 0"];
const ALL = ["scratch 0", "source 0", SAME_STEPS, ...REST];

describe("cellsOf", () => {
  it("names every cell by what determines it", () => {
    expect(Object.keys(keysOf({ methods, seeds: [0, 1] }))).toHaveLength(16);
    expect(new Set(Object.values(keysOf({ methods, seeds: [0, 1] }))).size).toBe(16);
    expect(changed({ title: "another", architecture: "x" })).toEqual([]);
    expect(changed({ training: { batch: 8, steps: 6 } })).toEqual([]);
    expect(changed({ training: { steps: 7, batch: 8 } })).toEqual(ALL);
    expect(changed({ heldOut: 4 })).toEqual(ALL);
  });

  it("depends on settings of growing only where they are read", () => {
    expect(changed({ growth: { steps: 5 } })).toEqual(["ligo 0", "learned 0"]);
    expect(changed({ growth: { deviation: 1 } })).toEqual(["direct-copy 0", "ligo 0", "learned 0"]);
    expect(changed({ budget: "steps" })).toEqual(["source 0", ...REST]);
    // the row that has steps of its own is then the source's only one
    expect(keysOf({ methods, budget: "steps" })["source 0"]).toBe(keysOf({ methods })[SAME_STEPS]);
  });

  it("depends on other data that models are judged by", () => {
    expect(changed({ evaluation: [{ name: "other", data: "o" }] })).toEqual(ALL);
  });
});
