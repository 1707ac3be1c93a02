import { describe, expect, it } from "vitest";
import type { ComparisonResults } from "@ligo/compare";
import { recordOf } from "./record-results.js";

const results: ComparisonResults = {
  format: "ligo.comparison",
  format_version: 1,
  title: "a comparison",
  comparison: {
    title: "a comparison",
    source: { config: { model_type: "bert" }, training: { steps: 1 } },
    to: { hidden_size: 8 },
    data: ["/home/somebody/texts/a.txt"],
    tokenizer: "/home/somebody/tokenizer",
    budget: "flops",
    seeds: [0],
    training: { steps: 2 },
    growth: {},
    methods: [{ name: "scratch", method: "scratch", growth: {}, training: {} }],
  },
  judged_by: "masked-lm",
  unit: "tokens",
  flops_per_step: 12_345_678_901,
  counted: null,
  sources: [],
  cells: [
    {
      key: "k",
      name: "scratch",
      method: "scratch",
      seed: 0,
      growth: null,
      steps: 2,
      curve: [{ step: 0, flops: 0, seconds: 0.123_456_789_1, loss: 7.123_456_789_1 }],
      accuracy: 0.5,
      downstream: {},
      diverged: null,
    },
  ],
  missing: [],
  machine: "a machine",
  versions: { ligo: "0.0.0" },
};

describe("recordOf", () => {
  it("is JSON of the same results, with nothing of where they were made", () => {
    const text = recordOf(results, { node: "v20" });
    expect(text).not.toContain("somebody");
    const read = JSON.parse(text) as ComparisonResults;
    expect(read.comparison.data).toEqual(["a.txt"]);
    expect(read.flops_per_step).toBe(12_345_678_901);
    expect(read.cells[0]?.curve[0]).toEqual({
      step: 0,
      flops: 0,
      seconds: 0.123_456_8,
      loss: 7.123_457,
    });
    expect(read.versions).toEqual({ ligo: "0.0.0", node: "v20" });
    const comparison = {
      ...results.comparison,
      source: "/home/somebody/small",
      tuningData: ["/home/somebody/b.txt"],
      evaluation: [{ name: "wiki", data: ["/home/somebody/c.txt"] }],
    };
    const more = recordOf({ ...results, comparison }, {});
    expect(more).not.toContain("somebody");
    expect((JSON.parse(more) as ComparisonResults).comparison).toMatchObject({
      source: "small",
      tuningData: ["b.txt"],
      evaluation: [{ name: "wiki", data: ["c.txt"] }],
    });
  });
});
