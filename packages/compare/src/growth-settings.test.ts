import { methods } from "@ligo/core";
import { startOptions } from "@ligo/core/methods";
import { check, growSettings } from "@ligo/sdk/settings";
import { describe, expect, it } from "vitest";
import { RECIPE } from "./__fixtures__/tiny-recipe.js";
import type { ComparedMethod, Comparison } from "./comparison.js";
import { growthBy } from "./growth-settings.js";
import { parseComparison } from "./recipe/parse-comparison.js";

/** A comparison that says something of every kind. */
const comparison = parseComparison({
  ...RECIPE,
  tokenizer: "tokens",
  heldOut: 4,
  dataWeights: [1],
  engine: "onnx",
  training: { steps: 6, batch: 8, sequence: 16 },
  growth: {
    steps: 3,
    learningRate: 0.1,
    ties: "untie",
    form: "model",
    initialDepth: "rand",
    initialWidth: "sel",
    perturbation: 0,
    rank: 2,
    deviation: 0.1,
    ownDeviation: true,
    readPower: 0.5,
    noise: 0.01,
    blockLayers: 2,
    shrink: 0.5,
    newUnits: "fresh",
    unitLength: 2,
    redrawn: 0.5,
  },
  methods: methods.map(({ name }) => name),
});
const rowOf = (changes: Partial<ComparedMethod> = {}): ComparedMethod => ({
  name: "row",
  method: "ligo",
  growth: {},
  training: {},
  ...changes,
});
const ALWAYS = { ties: "untie", engine: "onnx", evaluate: false, dtype: "f32" };

describe("growthBy", () => {
  it.each(methods)("hands $name what it reads, and all of it", (method) => {
    const { asksData = false, learns, name, options } = method;
    const { settings, unread } = growthBy(comparison, rowOf(), name);
    expect(() => check(growSettings, { to: {}, ...settings })).not.toThrow();
    const given = Object.keys(comparison.growth);
    const taken = Object.keys(options);
    // what only a start takes is left out where there is none
    const ofStart = ["start", ...(learns === false ? [] : Object.keys(startOptions))];
    for (const option of taken.filter((one) => !ofStart.includes(one)))
      expect(settings).toHaveProperty(option);
    if (asksData) {
      expect(settings).toMatchObject({ data: ["texts"], tokenizer: "tokens", batch: 8 });
      expect(settings).not.toHaveProperty("steps");
    } else if (learns === false) {
      const own = given.filter((setting) => taken.includes(setting));
      expect(Object.keys(settings).toSorted()).toEqual(
        [...Object.keys(ALWAYS), "method", ...own].toSorted(),
      );
    } else {
      expect(settings).toMatchObject({ data: ["texts"], tokenizer: "tokens", batch: 8, steps: 3 });
    }
    const left = given.filter((setting) => !(setting in settings));
    expect(unread).toEqual(expect.arrayContaining(left));
  });

  it("hands a probe data, batches and the rate of training, and nothing that asks for learning", () => {
    const row = rowOf({ method: "auto", training: { learningRate: 0.2 } });
    // operators may be learned on smaller batches
    const growth = { ...comparison.growth, batch: 2 };
    const { settings, unread } = growthBy({ ...comparison, growth }, row, "auto");
    expect(check(growSettings, { to: {}, ...settings }).settings).toMatchObject({
      method: "auto",
      data: ["texts"],
      batch: 8,
      trainingRate: 0.2,
    });
    expect(Object.keys(settings)).not.toContain("steps");
    const given = Object.keys(comparison.growth).filter((name) => name !== "ties");
    expect(unread).toEqual(expect.arrayContaining(given));
  });

  it("hands a start that is taken as it is no data, and its options", () => {
    const { settings } = growthBy(comparison, rowOf({ growth: { steps: 0 } }), "ligo");
    expect(settings).toEqual({
      ...ALWAYS,
      method: "ligo",
      steps: 0,
      form: "model",
      initialDepth: "rand",
      initialWidth: "sel",
      perturbation: 0,
    });
  });

  it("hands a row that learns from a start its options, and no other starts", () => {
    const { settings, unread } = growthBy(
      comparison,
      rowOf({ growth: { start: "direct-copy" } }),
      "ligo",
    );
    expect(() => check(growSettings, { to: {}, ...settings })).not.toThrow();
    expect(settings).toMatchObject({ start: "direct-copy", deviation: 0.1, readPower: 0.5 });
    const unused =
      "blockLayers initialDepth initialWidth newUnits noise rank redrawn shrink unitLength";
    expect(unread.toSorted()).toEqual(unused.split(" "));
  });

  it("does not hide a setting that learning refuses", () => {
    const wrong: Comparison = { ...comparison, growth: { power: 2 } };
    const { settings, unread } = growthBy(wrong, rowOf(), "ligo");
    expect(settings.power).toBe(2);
    expect(unread).toEqual([]);
  });
});
