import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { temporaryFolder } from "@ligo/vitest/files";
import { describe, expect, it } from "vitest";
import { RECIPE, tinyRecipe } from "./__fixtures__/tiny-recipe.js";
import { compareMethods } from "./compare-methods.js";
import { comparisonReport } from "./comparison-report.js";
import { estimateComparison } from "./estimate-comparison.js";
import type { CompareEvent } from "./events.js";
import { parseComparison } from "./recipe/parse-comparison.js";
import type { ComparisonResults } from "./results.js";
import { parseShard } from "./shard.js";
import { summarize } from "./summarize.js";
import { chosenRates, type TuningRun } from "./tuning.js";

const architectures = [bert];

describe("chosenRates", () => {
  const comparison = parseComparison({
    ...RECIPE,
    rates: [0.1, 0.2, 0.3],
    tuningSeeds: [7, 8],
    references: ["scratch"],
    methods: ["stack"],
  });
  const runs = (name: string, ...losses: readonly (number | null)[]): readonly TuningRun[] =>
    losses.map((loss, index) => ({
      key: String(index),
      name,
      rate: [0.1, 0.2, 0.3][index >> 1] ?? 0,
      seed: 7 + (index % 2),
      loss,
    }));

  it("takes the rate of the lowest mean, and none before all are run", () => {
    expect(chosenRates(comparison, runs("stack", 3, 3, 2, 2.5, 1, 4))).toEqual({ stack: 0.2 });
    expect(chosenRates(comparison, runs("stack", 3, 3, 2, 2.5, 1))).toEqual({});
    expect(chosenRates(comparison, runs("stack", 3, 3, 3, 3, 4, 4))).toEqual({ stack: 0.1 });
  });

  it("does not take a rate that diverged, unless all did", () => {
    expect(chosenRates(comparison, runs("stack", 3, 3, 1, null, 4, 4))).toEqual({ stack: 0.1 });
    const all = [null, 1, 1, null, null, null];
    expect(chosenRates(comparison, runs("stack", ...all))).toEqual({ stack: 0.1 });
  });
});

describe("a comparison that chooses rates", { timeout: 240_000 }, () => {
  it("runs every row at every rate on other seeds and data, and reports the best alone", async () => {
    const folder = temporaryFolder();
    const recipe = await tinyRecipe(folder, {
      methods: ["stack"],
      training: { batch: 4, sequence: 8, warmup: 1, steps: 3, evaluateEvery: 3 },
      rates: [1e-5, 1e-2],
      tuningSeeds: [7],
    });
    const tuningData = join(folder, "tuning.txt");
    const text = readFileSync(recipe["data"] as string, "utf8").split("\n");
    writeFileSync(tuningData, text.toReversed().join("\n"));
    const comparison = parseComparison({ ...recipe, tuningData });
    const out = join(folder, "out");
    const events: CompareEvent[] = [];
    const options = { comparison, architectures };
    const results = await compareMethods({
      ...options,
      out,
      onEvent: (event) => void events.push(event),
    });
    // at so low a rate nothing is learned in three steps
    expect(results.rates).toEqual({ scratch: 1e-2, stack: 1e-2 });
    expect(results.tuning?.map(({ name, rate, seed }) => [name, rate, seed])).toEqual([
      ["scratch", 1e-5, 7],
      ["scratch", 1e-2, 7],
      ["stack", 1e-5, 7],
      ["stack", 1e-2, 7],
    ]);
    expect(results.cells.map(({ name, seed }) => [name, seed])).toEqual([
      ["scratch", 0],
      ["stack", 0],
    ]);
    const told = events.flatMap((event) => (event.type === "cell" ? [event.method] : []));
    expect(told).toEqual([
      "scratch at 0.00001",
      "scratch at 0.01",
      "stack at 0.00001",
      "stack at 0.01",
      "scratch",
      "stack",
    ]);
    expect(events).toContainEqual({ type: "rates", rates: results.rates });
    // two sources: that of tuning and that of the report
    expect(readdirSync(join(out, "sources"))).toHaveLength(2);

    // the reported cell is that of a recipe that gives the rate
    const alone = parseComparison({
      ...recipe,
      rates: undefined,
      tuningSeeds: undefined,
      training: { ...(recipe["training"] as object), learningRate: 1e-2 },
    });
    const lossOf = ({ cells }: ComparisonResults): readonly unknown[] =>
      cells.map(({ curve }) => curve.map(({ loss }) => loss));
    const plain = await compareMethods({
      comparison: alone,
      out: join(folder, "alone"),
      architectures,
    });
    expect(lossOf(results)).toEqual(lossOf(plain));

    // a row with all its rates is of one part
    const parts = join(folder, "parts");
    const part = async (shard: string): Promise<ComparisonResults> =>
      compareMethods({ ...options, out: parts, resume: true, shard: parseShard(shard) });
    const first = await part("1/2");
    expect(first.rates).toEqual({ scratch: 1e-2 });
    expect(first.missing).toEqual(["stack, seed 0"]);
    const second = await part("2/2");
    expect(second.missing).toEqual([]);
    expect(lossOf(second)).toEqual(lossOf(results));

    // results from elsewhere: nothing of them is run again, sources included
    const again: CompareEvent[] = [];
    const known = JSON.parse(JSON.stringify({ ...results, machine: "another" })) as typeof results;
    const elsewhere = await compareMethods({
      ...options,
      comparison: { ...comparison, seeds: [0, 1] },
      out: join(folder, "elsewhere"),
      known: [known],
      onEvent: (event) => void again.push(event),
    });
    expect(elsewhere).toMatchObject({ rates: results.rates, machines: ["another"], missing: [] });
    const all = known.cells.length + (known.tuning?.length ?? 0);
    expect(again[0]).toEqual({ type: "known", runs: all, of: all });
    expect(elsewhere.sources.map(({ seed }) => seed)).toEqual([0, 1]);
    expect(elsewhere.cells.filter(({ seed }) => seed === 0)).toEqual(known.cells);
    const run = again.flatMap((event) =>
      event.type === "cell" || event.type === "source" ? [[event.type, event.seed]] : [],
    );
    expect(run).toEqual([
      ["source", 1],
      ["cell", 1],
      ["cell", 1],
    ]);
    // they stay known where the comparison goes on
    const on: CompareEvent[] = [];
    const resumed = await compareMethods({
      ...options,
      comparison: { ...comparison, seeds: [0, 1] },
      out: join(folder, "elsewhere"),
      resume: true,
      onEvent: (event) => void on.push(event),
    });
    expect(on.filter(({ type }) => ["source", "cell", "known"].includes(type))).toEqual([]);
    expect(resumed.cells).toEqual(elsewhere.cells);
    expect(resumed.machines).toEqual(["another"]);

    const estimate = await estimateComparison(comparison, { architectures });
    const cells = estimate.rows.reduce(
      (sum, row) => sum + row.growthFlops + row.trainingFlops + row.judgingFlops,
      0,
    );
    // evaluated before and after, as the cells are
    expect(estimate.tuningFlops).toBe(estimate.sourceFlops + 2 * cells);
    const forward = results.flops_per_step / 3 / 4;
    for (const { judgingFlops } of estimate.rows)
      expect(judgingFlops / (2 * (comparison.heldOut ?? NaN) * forward)).toBeCloseTo(1, 9);
    expect(estimate.flops).toBe(estimate.tuningFlops + estimate.sourceFlops + cells);
  });
});

describe("a row that a probe chooses for", { timeout: 240_000 }, () => {
  it("grows by the choice, and is charged for the probe", async () => {
    const folder = temporaryFolder();
    const recipe = await tinyRecipe(folder, {
      methods: ["auto"],
      training: {
        batch: 4,
        sequence: 8,
        learningRate: 1e-2,
        warmup: 1,
        steps: 80,
        evaluateEvery: 40,
      },
      heldOut: 4,
    });
    const comparison = parseComparison(recipe);
    const out = join(folder, "out");
    const results = await compareMethods({ comparison, out, architectures });
    const [, cell] = results.cells;
    const { chosen, flops = NaN, steps } = cell?.growth ?? {};
    // BERT has no start that keeps the function
    expect(["ligo", "lemon"]).toContain(chosen);
    // a twentieth of the budget for the probe, and where the choice learns a hundredth for that, on a quarter of the batch
    expect(steps).toBe(chosen === "ligo" ? Math.floor(0.01 * 80 * 4) : 0);
    expect(flops).toBeGreaterThan(0);
    expect(flops).toBeLessThanOrEqual(
      (chosen === "ligo" ? 0.06 : 0.05) * 80 * results.flops_per_step,
    );
    expect(cell?.curve[0]?.flops).toBe(flops);
    expect(cell?.steps).toBe(80 - Math.ceil(flops / results.flops_per_step));
    const report = JSON.stringify(comparisonReport(results, summarize(results)));
    expect(report).toContain(
      `auto grows by what a probe chose, whose cost is charged: ${chosen} on seed 0.`,
    );
  });

  it("refuses settings that would ask for learning in its row", () => {
    const row = { method: "auto", growth: { steps: 3 } };
    expect(() => parseComparison({ ...RECIPE, methods: [row] })).toThrow(
      /`methods.0.growth.steps` has no effect: auto does not read it here/u,
    );
  });
});

describe("the source trained on", { timeout: 240_000 }, () => {
  it("spends what scratch does, and beside it trains for the same steps", async () => {
    const folder = temporaryFolder();
    const recipe = await tinyRecipe(folder, {
      methods: ["stack"],
      references: ["scratch", "source"],
    });
    const other = join(folder, "other.txt");
    writeFileSync(other, readFileSync(recipe["data"] as string, "utf8").toUpperCase());
    const evaluation = [{ name: "loud", data: other }];
    const comparison = parseComparison({ ...recipe, evaluation });
    const out = join(folder, "out");
    const results = await compareMethods({ comparison, out, architectures });
    const [scratch, source, sameSteps, stack] = results.cells;
    expect([source?.name, sameSteps?.name]).toEqual(["source", "source, same steps"]);
    expect([scratch?.steps, sameSteps?.steps, stack?.steps]).toEqual([3, 3, 3]);
    const { flops_per_step: perStep, source_flops_per_step: ofSource = NaN } = results;
    expect(source?.steps).toBe(Math.floor((3 * perStep) / ofSource));
    expect(source?.steps).toBeGreaterThan(3);
    // both begin where the source was left, and the longer one has a schedule of its own
    expect(source?.curve[0]?.loss).toBe(results.sources[0]?.loss);
    expect(sameSteps?.curve[0]?.loss).toBe(results.sources[0]?.loss);
    expect(source?.curve[3]?.loss).not.toBe(sameSteps?.curve[3]?.loss);
    expect(source?.growth).toBeNull();
    const judged = results.cells.map(({ evaluation: found }) => found?.["loud"]);
    expect(judged.map((one) => one?.before === null)).toEqual([true, false, false, false]);
    // the same source, the same texts and the same masks
    expect(judged[1]?.before).toBe(judged[2]?.before);
    expect(judged[1]?.after).not.toBe(judged[1]?.before);

    // a checkpoint that is given, and nothing from scratch
    const [key = ""] = readdirSync(join(out, "sources"));
    const given = parseComparison({
      ...recipe,
      source: join(out, "sources", key),
      references: ["source"],
    });
    const against = await compareMethods({
      comparison: given,
      out: join(folder, "given"),
      architectures,
    });
    expect(against.cells.map(({ name }) => name)).toEqual([
      "source",
      "source, same steps",
      "stack",
    ]);
    const curveOf = (results: ComparisonResults, name: string): unknown =>
      results.cells
        .find((cell) => cell.name === name)
        ?.curve.map(({ flops, loss, step }) => [step, flops, loss]);
    for (const name of ["source", "source, same steps", "stack"])
      expect(curveOf(against, name)).toEqual(curveOf(results, name));
    const { rows } = await estimateComparison(given, { architectures });
    const [atFlops, atSteps] = rows.map(({ trainingFlops }) => trainingFlops);
    expect(atFlops).toBe(3 * perStep);
    expect(atSteps).toBe(3 * ofSource);
  });
});
