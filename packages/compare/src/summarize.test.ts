import { describe, expect, it } from "vitest";
import { madeResults, type MadeLosses } from "./__fixtures__/made-results.js";
import type { Recipe } from "./__fixtures__/tiny-recipe.js";
import { comparisonReport } from "./comparison-report.js";
import { lossTable, otherDataTable, savingsTable, sourceTable } from "./comparison-table.js";
import { headline } from "./headline.js";
import { lossDifference } from "./ranks.js";
import type { ComparisonResults } from "./results.js";
import { summarize, type MethodSummary } from "./summarize.js";

const summaryOf = (
  losses: MadeLosses,
  changes?: Recipe,
  more?: Partial<ComparisonResults>,
): Readonly<Record<string, MethodSummary>> =>
  Object.fromEntries(
    summarize(madeResults(losses, changes, more)).map((one) => [one.name, one] as const),
  );
const headlineOf = (losses: MadeLosses, reference?: string): string =>
  headline(Object.values(summaryOf(losses)), { reference });

/** Three seeds: stack ends lowest, fpi as low but for noise, ligo above by the same on every seed. */
const THREE: MadeLosses = {
  scratch: [
    [9, 6, 5],
    [9, 6.2, 5.2],
    [9, 6.1, 5.1],
  ],
  stack: [
    [7, 5, 4],
    [7, 5, 4.1],
    [7, 5, 4.2],
  ],
  fpi: [
    [8, 5, 4.1],
    [8, 5, 4.05],
    [8, 5, 4.25],
  ],
  ligo: [
    [6, 5, 4.3],
    [6, 5, 4.41],
    [6, 5, 4.5],
  ],
};

describe("summarize", () => {
  it("ranks rows by mean final loss, with paired differences to the first", () => {
    const { fpi, ligo, scratch, stack } = summaryOf(THREE);
    expect([stack, fpi, ligo, scratch].map((row) => row?.rank)).toEqual([1, 2, 3, 4]);
    expect(stack).toMatchObject({ aboveBest: undefined, isTied: false });
    // 0.1, -0.05, 0.05: their mean is a third of 0.1, their deviation 0.07638
    expect(fpi?.aboveBest?.mean).toBeCloseTo(0.1 / 3, 12);
    const [low = NaN, high = NaN] = fpi?.aboveBest?.interval ?? [];
    // scipy.stats.ttest_rel's confidence_interval
    expect(low).toBeCloseTo(-0.1563958183465, 12);
    expect(high).toBeCloseTo(0.2230624850132, 12);
    expect(fpi?.isTied).toBe(true);
    expect(ligo?.isTied).toBe(false);
    // above scratch's would be below zero
    expect(ligo?.gain?.mean).toBeCloseTo((0.7 + 0.79 + 0.6) / 3, 12);
    expect(scratch?.gain).toBeUndefined();
  });

  it("has no figure of the paper's counter where a probe chose, which that does not count", () => {
    const sizes = { layers: 1, hidden: 8, heads: 2, intermediate: 32, vocabulary: 9 };
    const counted = { source: sizes, target: { ...sizes, layers: 2 }, batch: 4, sequence: 8 };
    const losses = { scratch: [[6, 5, 4]], stack: [[5, 4, 3]], auto: [[5, 4, 3]] };
    const results = madeResults(losses, {}, { counted });
    const growth = { flops: 20, seconds: 1, steps: 0 };
    const cells = results.cells.map((cell) => ({
      ...cell,
      growth: cell.name === "auto" ? { ...growth, chosen: "stack" } : growth,
    }));
    const [, stack, auto] = summarize({ ...results, cells });
    expect(stack?.savedPublished?.mean).toBeCloseTo(0.5, 12);
    expect(stack?.savedCorrected?.mean).toBeCloseTo(0.5, 12);
    expect(auto).toMatchObject({ savedPublished: undefined, savedCorrected: undefined });
    expect(auto?.savedFlops?.mean).toBeCloseTo(0.5, 12);
  });

  it("gives no rank to rows that diverged, are not there on every seed or spend otherwise", () => {
    const rows: MadeLosses = {
      scratch: [
        [9, 5],
        [9, 5],
      ],
      stack: [[7, 3], null],
      fpi: [[7, 3]],
      ligo: [
        [7, 4],
        [7, 4],
      ],
      source: [
        [7, 4.5],
        [7, 4.5],
      ],
      "source, same steps": [
        [7, 3.5],
        [7, 3.5],
      ],
    };
    const methods = [
      "scratch",
      "stack",
      "fpi",
      "ligo",
      "source",
      { name: "source, same steps", method: "source", budget: "steps" },
    ];
    const found = summaryOf(rows, { methods, seeds: [0, 1] });
    expect(Object.values(found).map(({ name, rank }) => [name, rank])).toEqual([
      ["scratch", 3],
      ["stack", undefined],
      ["fpi", undefined],
      ["ligo", 1],
      ["source", 2],
      ["source, same steps", undefined],
    ]);
    expect(found["stack"]).toMatchObject({ seeds: 2, diverged: 1 });
    expect(sourceTable(Object.values(found)).map((row) => row.slice(0, 3))).toEqual([
      ["method", "below source by", "below source, same steps by"],
      ["scratch", "-0.500 [-0.500, -0.500]", "-1.500 [-1.500, -1.500]"],
      // seeds without a partner are left out, and one has no interval
      ["stack", "1.500", "0.500"],
      ["fpi", "1.500", "0.500"],
      ["ligo", "0.500 [0.500, 0.500]", "-0.500 [-0.500, -0.500]"],
      ["source", "-", "-1.000 [-1.000, -1.000]"],
      ["source, same steps", "1.000 [1.000, 1.000]", "-"],
    ]);
    // measured against the source, the first table has it
    const [head] = sourceTable(Object.values(found), { reference: "source" });
    expect(head).toEqual(["method", "below source, same steps by", "below source from"]);
    const { cells } = madeResults(rows, { methods, seeds: [0, 1] });
    expect(sourceTable(summarize(madeResults(THREE)))).toEqual([]);
    expect(lossDifference(cells, "ligo", "source, same steps")?.mean).toBe(0.5);
  });

  it("measures against the source trained on where that is the first reference", () => {
    const losses: MadeLosses = {
      source: [[5, 4.5, 4]],
      stack: [[6, 4, 3.9]],
    };
    const { source, stack } = summaryOf(losses, { references: ["source"], methods: ["stack"] });
    expect(source?.gain).toBeUndefined();
    expect(stack?.gain?.mean).toBeCloseTo(0.1, 12);
    // falls to 4 at 50 of 100
    expect(stack?.savedFlops?.mean).toBeCloseTo(0.5, 12);
  });

  it("charges the source to every row that starts from it, the source itself too", () => {
    const losses: MadeLosses = { scratch: [[9, 6, 5]], source: [[7, 5, 4]], stack: [[7, 5, 4]] };
    const sources = [{ key: "s", seed: 0, steps: 1, flops: 20, seconds: 1, loss: 7 }];
    const found = summaryOf(losses, {}, { sources });
    for (const name of ["source", "stack"]) {
      expect(found[name]?.savedFlops?.mean).toBeCloseTo(0.5, 12);
      expect(found[name]?.savedFlopsWithSource?.mean).toBeCloseTo(0.3, 12);
    }
    const against = summaryOf(losses, { references: ["source"], methods: ["stack"] }, { sources });
    expect(against["stack"]?.savedFlopsWithSource?.mean).toBeCloseTo(0, 12);
  });
});

describe("tables", () => {
  it("hold ranks, intervals and ties", () => {
    expect(lossTable(summarize(madeResults(THREE)))).toEqual([
      [
        "method",
        "rank",
        "steps",
        "loss at the start",
        "at the end",
        "above the best by",
        "below scratch by",
      ],
      ["scratch", "4", "10", "9.000 ± 0.000", "5.100 ± 0.100", "1.000 [0.752, 1.248]", "-"],
      ["stack", "1", "10", "7.000 ± 0.000", "4.100 ± 0.100", "-", "1.000 [0.752, 1.248]"],
      [
        "fpi",
        "2",
        "10",
        "8.000 ± 0.000",
        "4.133 ± 0.104",
        "0.033 [-0.156, 0.223] tie",
        "0.967 [0.567, 1.366]",
      ],
      [
        "ligo",
        "3",
        "10",
        "6.000 ± 0.000",
        "4.403 ± 0.100",
        "0.303 [0.289, 0.318]",
        "0.697 [0.461, 0.933]",
      ],
    ]);
  });

  it("say the rate of each row where rates were chosen, or rows have their own", () => {
    const losses: MadeLosses = { scratch: [[9, 5]], stack: [[7, 4]] };
    const rates = { scratch: 0.002, stack: 0.001 };
    const rows = lossTable(summarize(madeResults(losses, {}, { rates })));
    expect(rows.map((row) => row[2])).toEqual(["peak rate", "0.002", "0.001"]);
    const own = { methods: ["scratch", { method: "stack", training: { learningRate: 0.3 } }] };
    const given = lossTable(summarize(madeResults(losses, own)));
    expect(given.map((row) => row[2])).toEqual(["peak rate", "-", "0.3"]);
    const alike = summarize(madeResults(losses, { training: { steps: 6, learningRate: 1 } }));
    expect(lossTable(alike)[0]).not.toContain("peak rate");
  });

  it("say that a row starts below the mark instead of a saving", () => {
    const losses: MadeLosses = {
      scratch: [
        [9, 6, 5],
        [9, 6, 5],
      ],
      stack: [
        [4, 3, 2],
        [4, 3, 2],
      ],
      ligo: [
        [4.9, 3, 2],
        [6, 4, 2],
      ],
    };
    const rows = savingsTable(summarize(madeResults(losses)));
    expect(rows.map((row) => row[1])).toEqual([
      "FLOPs saved",
      "-",
      "starts below",
      "87.5 ± 17.7 % (1 start below)",
    ]);
  });

  it("tell losses on other data, before and after", () => {
    const results = madeResults({ scratch: [[9, 5]], stack: [[7, 4]] });
    const cells = results.cells.map((cell, index) => ({
      ...cell,
      evaluation: { wiki: { before: index === 0 ? null : 3, after: 3.5 } },
    }));
    expect(otherDataTable(summarize({ ...results, cells }))).toEqual([
      ["method", "wiki, before training", "at the end"],
      ["scratch", "-", "3.500"],
      ["stack", "3.000", "3.500"],
    ]);
    expect(otherDataTable(summarize(results))).toEqual([]);
  });
});

describe("headline", () => {
  it("names the row that ends lowest, those that tie with it, and who saved most", () => {
    expect(headlineOf(THREE)).toMatch(
      /^stack ends lowest, at 4\.100 ± 0\.100; fpi ties with it \(the 95 % interval of the paired difference holds zero\)\. ligo saved most: 55\.0 ± 5\.0 % of the FLOPs to scratch's final held-out loss, growth included; next is stack/,
    );
    const { fpi: _fpi, ...clear } = THREE;
    expect(headlineOf(clear)).toContain("next is ligo, 0.303 [0.289, 0.318] above.");
  });

  it("warns at one seed, which has no interval", () => {
    expect(headlineOf({ scratch: [[9, 6, 5]], stack: [[7, 5.5, 4]] })).toBe(
      "stack ends lowest, at 4.000; next is scratch, 1.000 above. One seed has no interval: differences may be luck. " +
        "stack saved most: 33.3 % of the FLOPs to scratch's final held-out loss, growth included.",
    );
  });

  it("crowns nobody where all start below the mark", () => {
    const below = headlineOf({ scratch: [[9, 6, 5]], stack: [[4, 3, 2]], fpi: [[4, 3, 3]] });
    expect(below).toContain(
      "All rows that reached scratch's final held-out loss start below it: FLOPs saved say nothing here.",
    );
    expect(below).not.toContain("100.0 %");
    const apart = headlineOf({ scratch: [[9, 6, 5]], stack: [[4, 3, 2]], fpi: [[7, 5, 3]] });
    expect(apart).toContain("fpi saved most: 50.0 % ");
    expect(apart).toContain("stack starts below that mark.");
  });

  it("says where nobody came to the end, or to the mark", () => {
    expect(headlineOf({ scratch: [null], stack: [null] })).toBe(
      "No row came to its end on every seed. One seed has no interval: differences may be luck. " +
        "No other row reached scratch's final held-out loss on every seed.",
    );
    expect(headlineOf({ scratch: [[9, 3]], stack: [[9, 4]] })).toContain("No other row reached");
  });
});

describe("comparisonReport", () => {
  it("says how rates were chosen, and which of them stand at an edge", () => {
    const losses: MadeLosses = { scratch: [[9, 5]], stack: [[7, 4]] };
    const changes = { rates: [0.1, 0.2, 0.3], tuningSeeds: [7, 8] };
    const results = madeResults(losses, changes, { rates: { scratch: 0.2, stack: 0.3 } });
    const { headline: said, notes, targetName } = comparisonReport(results, summarize(results));
    expect(said).toContain("stack ends lowest");
    expect(targetName).toBe("scratch's final loss");
    expect(notes).toEqual(
      expect.arrayContaining([
        "Every row trains at that peak rate of 0.1, 0.2, 0.3 that ends lowest on the seeds 7, 8, which are not reported.",
        "At the edge of the rates that were tried: stack (0.3).",
        "One seed has no confidence interval: differences may be luck.",
      ]),
    );
  });
});
