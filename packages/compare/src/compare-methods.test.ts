import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { describe, expect, it } from "vitest";
import { tinyRecipe } from "./__fixtures__/tiny-recipe.js";
import { compareMethods } from "./compare-methods.js";
import type { Comparison } from "./comparison.js";
import { estimateComparison } from "./estimate-comparison.js";
import type { CompareEvent } from "./events.js";
import { parseComparison } from "./recipe/parse-comparison.js";
import type { ComparisonResults } from "./results.js";
import { parseShard } from "./shard.js";

const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), "ligo-compare-"));
const architectures = [bert];

/** Curves without seconds, which depend on the machine. */
const curvesOf = ({ cells }: ComparisonResults): unknown =>
  cells.map(({ curve, key, name }) => [
    key,
    name,
    curve.map(({ flops, loss, step }) => [step, flops, loss]),
  ]);

describe("compareMethods", () => {
  it("tells its events, and comes to the same after aborts", async () => {
    const folder = temporaryFolder();
    const comparison = parseComparison(await tinyRecipe(folder));
    const events: CompareEvent[] = [];
    const onEvent = (event: CompareEvent): void => void events.push(event);
    const whole = await compareMethods({
      comparison,
      out: join(folder, "whole"),
      architectures,
      onEvent,
    });
    expect(whole.missing).toEqual([]);
    expect(whole.cells.map(({ name, growth }) => [name, growth?.steps])).toEqual([
      ["scratch", undefined],
      ["stack", 0],
      ["ligo", 2],
    ]);
    const own = events.filter(({ type }) => ["source", "cell", "cell-done"].includes(type));
    const cells = ["scratch", "stack", "ligo"].flatMap((method, index) => {
      const place = { index: index + 1, of: 3, method, seed: 0 };
      const curve = whole.cells[index]?.curve ?? [];
      const losses = { start: curve[0]?.loss, end: curve.at(-1)?.loss };
      const done = { losses, diverged: undefined, seconds: expect.any(Number) as number };
      return [
        { type: "cell", ...place },
        { type: "cell-done", ...place, ...done },
      ];
    });
    // the source is trained for the cells that grow, before all
    expect(own).toEqual([{ type: "source", seed: 0 }, ...cells]);
    const steps = events.flatMap((event) => (event.type === "step" ? [event] : []));
    expect(steps.some(({ phase }) => phase === "learn")).toBe(true);
    // the time left is that of all runs, at the end of each of them too
    const ends = steps.filter(({ phase, step, steps: all }) => phase === "train" && step === all);
    expect(ends).toHaveLength(4);
    for (const { overallSecondsLeft } of ends.slice(0, -1))
      expect(overallSecondsLeft).toBeGreaterThan(0);
    const [first, last] = [ends[0], ends.at(-1)].map((one) => one?.overallSecondsLeft);
    expect(last).toBeLessThan(first ?? 0);

    // stopped at every fifth step, until nothing is left to stop
    const out = join(folder, "stopped");
    let [aborts, resumed] = [0, 0];
    let results: ComparisonResults | undefined;
    while (results === undefined && aborts < 20) {
      const stop = new AbortController();
      let steps = 0;
      const listener = (event: CompareEvent): void => {
        if (event.type === "resumed") resumed += 1;
        if (event.type === "step" && event.phase !== "evaluate" && ++steps === 5) stop.abort();
      };
      const { signal } = stop;
      const options = { comparison, out, resume: true, architectures, signal, onEvent: listener };
      try {
        results = await compareMethods(options);
      } catch (error) {
        expect(error).toMatchObject({ code: "run/interrupted", file: out });
        aborts += 1;
      }
    }
    expect(aborts).toBeGreaterThan(0);
    expect(resumed).toBeGreaterThan(0);
    expect(results && curvesOf(results)).toEqual(curvesOf(whole));

    // a part that is done already
    const shard = parseShard("2/2");
    const again = await compareMethods({ comparison, out, resume: true, shard, architectures });
    expect(curvesOf(again)).toEqual(curvesOf(whole));
    await expect(compareMethods({ comparison, out, architectures })).rejects.toMatchObject({
      code: "compare/output-exists",
      message: `${out} holds a comparison already. Go on with it by \`resume: true\`, or choose another \`out\`.`,
    });
  });

  it("takes the source as the teacher of all rows, where it is trained too", async () => {
    const folder = temporaryFolder();
    const recipe = await tinyRecipe(folder, { methods: ["stack"] });
    const training = { ...(recipe["training"] as object), teacher: "$source", teacherSteps: 2 };
    const comparison = parseComparison({ ...recipe, training });
    const out = join(folder, "out");
    const taught = await compareMethods({ comparison, out, architectures });
    const alone = await compareMethods({
      comparison: parseComparison(recipe),
      out: join(folder, "alone"),
      architectures,
    });
    const ends = ({ cells }: ComparisonResults): (number | undefined)[] =>
      cells.map(({ curve }) => curve.at(-1)?.loss);
    expect(taught.cells.map(({ name }) => name)).toEqual(["scratch", "stack"]);
    for (const [row, loss] of ends(taught).entries()) expect(loss).not.toBe(ends(alone)[row]);
    // a source that is there already
    const [key = ""] = readdirSync(join(out, "sources"));
    const source = join(out, "sources", key);
    const given = parseComparison({ ...recipe, source, training });
    expect((await estimateComparison(given, { architectures })).rows).toHaveLength(2);
  });

  it("counts what an optimiser multiplies into the budget, row by row", async () => {
    const folder = temporaryFolder();
    const byAdamW = { name: "by AdamW", method: "stack", training: { optimizer: "adamw" } };
    const recipe = await tinyRecipe(folder, { methods: ["stack", byAdamW] });
    const training = { ...(recipe["training"] as object), optimizer: "muon" };
    const comparison = parseComparison({ ...recipe, training });
    const out = join(folder, "out");
    const results = await compareMethods({ comparison, out, architectures });
    const budget = 3 * results.flops_per_step;
    const [scratch, stack, other] = results.cells;
    const spent = [scratch, stack, other].map((cell) => cell?.curve.at(-1)?.flops ?? NaN);
    // this engine's operations are estimated, as the budget is
    expect(spent.slice(0, 2)).toEqual([budget, budget]);
    expect(other?.steps).toBeGreaterThan(3);
    expect(spent[2]).toBeLessThanOrEqual(budget);
    expect(spent[2]).toBeGreaterThan(budget - results.flops_per_step);
  });

  it("grows rows by lists of layers, given or chosen by similarity", async () => {
    const folder = temporaryFolder();
    const comparison = parseComparison(
      await tinyRecipe(folder, {
        methods: [
          { name: "listed", method: "stack", growth: { layers: "0,0" } },
          { name: "similar", method: "lemon", growth: { layersBy: "similarity" } },
        ],
      }),
    );
    const lists: string[] = [];
    const { cells } = await compareMethods({
      comparison,
      out: join(folder, "out"),
      architectures,
      onEvent: (event) => void (event.type === "layers" && lists.push(event.layers)),
    });
    expect(cells.map(({ diverged, growth, name }) => [name, growth?.steps, diverged])).toEqual([
      ["scratch", undefined, null],
      ["listed", 0, null],
      ["similar", 0, null],
    ]);
    // the tiny source has one layer
    expect(lists).toEqual(["0,0"]);
  });

  it("ends with the error of a listener and keeps what is done", async () => {
    const folder = temporaryFolder();
    const comparison = parseComparison(
      await tinyRecipe(folder, { methods: ["stack", "interpolate"] }),
    );
    const out = join(folder, "out");
    const onEvent = (event: CompareEvent): void => {
      if (event.type === "cell-done" && event.method === "stack") throw new Error("enough");
    };
    await expect(compareMethods({ comparison, out, architectures, onEvent })).rejects.toThrow(
      "enough",
    );
    expect(readdirSync(join(out, "cells"))).toHaveLength(2);
  });

  it("refuses a comparison that is wrong before it writes anything", async () => {
    const folder = temporaryFolder();
    const comparison = parseComparison(await tinyRecipe(folder));
    const wrong: Comparison = { ...comparison, training: { steps: 3, beta1: 1 } };
    const out = join(folder, "out");
    await expect(compareMethods({ comparison: wrong, out, architectures })).rejects.toThrow(
      "`training.beta1` is 1; it must be a number from 0 to below 1.",
    );
    await expect(estimateComparison(wrong, { architectures })).rejects.toThrow("training.beta1");
    expect(readdirSync(folder)).toEqual(["start"]);
    writeFileSync(join(folder, "file"), "");
    await expect(compareMethods({ comparison, out: folder, architectures })).rejects.toThrow(
      "holds files already",
    );
  });

  it("keeps a training that diverges as a result", async () => {
    const folder = temporaryFolder();
    const mad = { name: "mad", method: "stack", training: { learningRate: 1e30 } };
    const comparison = parseComparison(await tinyRecipe(folder, { methods: [mad] }));
    const events: CompareEvent[] = [];
    const { cells } = await compareMethods({
      comparison,
      out: join(folder, "out"),
      architectures,
      onEvent: (event) => void events.push(event),
    });
    expect(cells.at(-1)).toMatchObject({ name: "mad", curve: [], steps: 0 });
    const done = events.findLast((event) => event.type === "cell-done");
    expect(done).toMatchObject({ losses: undefined, diverged: cells.at(-1)?.diverged });
    expect(done?.diverged).toMatch(/diverged/);
  });
});
