import { describe, expect, it } from "vitest";
import { madeResults } from "./__fixtures__/made-results.js";
import { comparisonReport } from "./comparison-report.js";
import { comparisonTitle } from "./comparison-title.js";
import { summarize } from "./summarize.js";

const losses = {
  scratch: [
    [9, 6, 4],
    [9, 6, 5],
  ],
  stack: [
    [6, 5, 3],
    [6, 5, 2],
  ],
};
const sizes = { source: { layers: 3, width: 96 }, target: { layers: 6, width: 128 } };

describe("comparisonTitle", () => {
  it("names the rows and both sizes behind the comparison's own title", () => {
    expect(comparisonTitle(madeResults(losses, {}, { sizes }))).toBe(
      "Made: scratch, stack; 3 layers × 96 → 6 layers × 128",
    );
  });

  it("leaves out a title that says nothing, and sizes that are not known", () => {
    expect(comparisonTitle(madeResults(losses, {}, { title: "Comparison" }))).toBe(
      "scratch, stack",
    );
  });

  it("takes the sizes of language models from earlier results", () => {
    const model = { heads: 1, intermediate: 8, vocabulary: 9 };
    const counted = {
      source: { ...model, layers: 1, hidden: 8 },
      target: { ...model, layers: 2, hidden: 16 },
      batch: 1,
      sequence: 8,
    };
    expect(comparisonTitle(madeResults(losses, {}, { counted }))).toContain(
      "1 layer × 8 → 2 layers × 16",
    );
  });

  it("counts rows beyond the eighth", () => {
    const names = "scratch stack interpolate net2net fpi aki tile lemon direct-copy random".split(
      " ",
    );
    const many = Object.fromEntries(names.map((name) => [name, [[9, 6, 4]]]));
    const title = comparisonTitle(madeResults(many));
    expect(title).toContain("lemon, 2 more");
    expect(title).not.toContain("direct-copy");
  });
});

describe("the report", () => {
  it("has the range of the seeds around every curve, and the sizes as a picture", () => {
    const results = madeResults(losses, {}, { sizes });
    const { curves, growth } = comparisonReport(results, summarize(results));
    expect(curves.map(({ band }) => band?.at(-1))).toEqual([
      { low: 4, high: 5 },
      { low: 2, high: 3 },
    ]);
    expect(growth).toEqual({ small: sizes.source, large: sizes.target });
  });

  it("has no band of one seed, and no line where the reference has no end", () => {
    const results = madeResults({ stack: [[6, 5, 3]] }, { methods: ["scratch", "stack"] });
    const { curves, targetLoss } = comparisonReport(results, summarize(results));
    expect(curves.map(({ band }) => band)).toEqual([undefined]);
    expect(targetLoss).toBeNaN();
  });
});
