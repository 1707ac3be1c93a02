import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openCheckpoint } from "@ligo/checkpoint";
import { describe, expect, it } from "vitest";
import { ligo, ligoJson, temporaryFolder } from "../__fixtures__/run-ligo.js";
import { TINY_VIT, tinyClasses, tinyImages } from "@ligo/vitest/tiny-images";
import { TINY_CONFIG, TINY_TARGET, tinyConfig, tinyModel } from "@ligo/vitest/tiny-model";
import type { ComparisonResults, ComparisonEstimate, MethodSummary } from "@ligo/compare";

const FROZEN = "bert.encoder.layer.0.attention.self.query.weight";

type Recipe = Readonly<Record<string, unknown>>;

/** A recipe of a comparison that takes a second, in a folder with its text and tokenizer. */
async function tinyRecipe(folder: string, changes: Recipe = {}): Promise<string> {
  const { text } = await tinyConfig(join(folder, "start"));
  const file = join(folder, "recipe.json");
  const recipe = {
    source: {
      config: TINY_CONFIG,
      training: { steps: 4, batch: 8, learning_rate: 1e-2, warmup: 1, evaluate_every: 4 },
    },
    to: JSON.parse(TINY_TARGET) as Recipe,
    data: [text],
    tokenizer: join(folder, "start"),
    cache: false,
    training: { steps: 6, batch: 8, learning_rate: 1e-2, warmup: 1, evaluate_every: 2 },
    growth: { steps: 2, warmup: 1 },
    references: ["scratch"],
    methods: ["stack", "ligo"],
    ...changes,
  };
  writeFileSync(file, JSON.stringify(recipe));
  return file;
}

const resultsOf = (folder: string): ComparisonResults =>
  JSON.parse(readFileSync(join(folder, "results.json"), "utf8")) as ComparisonResults;

/** What does not depend on the machine's speed. */
const curvesOf = (folder: string): unknown =>
  resultsOf(folder).cells.map(({ curve, name, seed }) => [
    name,
    seed,
    curve.map(({ flops, loss, step }) => [step, flops, loss]),
  ]);

describe("ligo compare", () => {
  it("runs every method on every seed and writes results and a report", async () => {
    const folder = temporaryFolder();
    const recipe = await tinyRecipe(folder, { seeds: [0, 1] });
    const out = join(folder, "out");
    const { headline, methods, missing } = await ligoJson<{
      headline: string;
      methods: readonly MethodSummary[];
      missing: readonly string[];
    }>(["compare", recipe, "--out", out]);

    expect(missing).toEqual([]);
    const ranks = methods.map(({ rank = 0 }) => rank);
    expect(ranks.toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    expect(methods.map(({ aboveBest }) => aboveBest?.interval?.length ?? 0)).toEqual(
      ranks.map((rank) => (rank === 1 ? 0 : 2)),
    );
    expect(headline).toContain(`${methods[ranks.indexOf(1)]?.name ?? ""} ends lowest, at `);
    expect(methods.map(({ name, seeds }) => [name, seeds])).toEqual([
      ["scratch", 2],
      ["stack", 2],
      ["ligo", 2],
    ]);
    const { cells, sources } = resultsOf(out);
    expect(sources.map(({ seed, steps }) => [seed, steps])).toEqual([
      [0, 4],
      [1, 4],
    ]);
    // a source that learned something hands it on
    for (const { curve, name } of cells) {
      expect(curve.map(({ step }) => step).slice(0, 3)).toEqual([0, 2, 4]);
      if (name === "stack") expect(curve[0]?.loss).toBeLessThan(Math.log(100));
    }
    // different seeds, different models
    const starts = cells
      .filter(({ name }) => name === "scratch")
      .map(({ curve }) => curve[0]?.loss);
    expect(new Set(starts).size).toBe(2);
    const page = readFileSync(join(out, "report.html"), "utf8");
    expect(page).toContain("Final held-out loss");
    for (const name of ["scratch", "stack", "ligo"]) expect(page).toContain(`<td>${name}</td>`);
    expect(readdirSync(join(out, "work"))).toEqual([]);
  });

  it("gives what growing takes to nobody twice: all methods spend as much", async () => {
    const folder = temporaryFolder();
    const recipe = await tinyRecipe(folder);
    const out = join(folder, "out");
    await ligoJson(["compare", recipe, "--out", out]);
    const { cells, flops_per_step: perStep } = resultsOf(out);
    const spent = cells.map(({ curve }) => curve.at(-1)?.flops ?? 0);
    const [scratch = 0] = spent;
    for (const all of spent) {
      expect(all).toBeLessThanOrEqual(scratch);
      expect(all).toBeGreaterThan(scratch - perStep);
    }
    const learned = cells.find(({ name }) => name === "ligo");
    expect(learned?.growth?.flops).toBeGreaterThan(0);
    expect(learned?.steps).toBeLessThan(6);
    const estimate = await ligoJson<ComparisonEstimate>(["compare", recipe, "--estimate"]);
    for (const [index, { growthFlops, name }] of estimate.rows.entries()) {
      const { growth, name: ran } = cells[index] ?? {};
      expect(name).toBe(ran);
      // the estimate knows shapes, not which products of so small a model the graph could leave out
      const [low, high] = [0.97, 1.03].map((share) => share * growthFlops) as [number, number];
      expect(growth?.flops ?? 0).toBeGreaterThanOrEqual(low);
      expect(growth?.flops ?? 0).toBeLessThanOrEqual(high);
    }
  });

  it("charges nothing where every method trains for the same steps", async () => {
    const folder = temporaryFolder();
    const recipe = await tinyRecipe(folder, { budget: "steps" });
    const out = join(folder, "out");
    await ligoJson(["compare", recipe, "--out", out]);
    expect(resultsOf(out).cells.map(({ steps }) => steps)).toEqual([6, 6, 6]);
  });

  it("goes on where it was stopped and comes to the same table", async () => {
    const folder = temporaryFolder();
    const recipe = await tinyRecipe(folder);
    const [whole, stopped] = [join(folder, "whole"), join(folder, "stopped")];
    await ligoJson(["compare", recipe, "--out", whole]);
    await tinyRecipe(folder, { title: "what a cell does not depend on" });
    // stopped where something is said, each time a little later, until nothing is left to stop
    let code = 130;
    let runs = 0;
    for (; code === 130 && runs < 60; runs++) {
      const stop = new AbortController();
      let said = 0;
      const ran = await ligo(["compare", recipe, "--out", stopped, "--resume"], {
        signal: stop.signal,
        stderr: () => {
          said += 1;
          if (said === 4 + runs) stop.abort(new Error("stopped"));
        },
      });
      code = ran.code;
      await tinyRecipe(folder, { title: `try ${runs}` });
    }
    expect(code).toBe(0);
    expect(runs).toBeGreaterThan(2);
    expect(curvesOf(stopped)).toEqual(curvesOf(whole));
  });

  it("runs parts apart, and gathers them", async () => {
    const folder = temporaryFolder();
    const recipe = await tinyRecipe(folder);
    const [whole, parts] = [join(folder, "whole"), join(folder, "parts")];
    await ligoJson(["compare", recipe, "--out", whole]);
    await ligoJson(["compare", recipe, "--out", parts, "--sources-only"]);
    expect(resultsOf(parts).missing).toHaveLength(3);
    for (const part of ["1/2", "2/2"]) {
      await ligoJson(["compare", recipe, "--out", parts, "--resume", "--shard", part]);
    }
    const gathered = await ligoJson<{ missing: readonly string[] }>([
      "compare",
      recipe,
      "--out",
      parts,
      "--report-only",
    ]);
    expect(gathered.missing).toEqual([]);
    expect(curvesOf(parts)).toEqual(curvesOf(whole));
  });

  it("runs only what is new where a recipe gets another row", async () => {
    const folder = temporaryFolder();
    const recipe = await tinyRecipe(folder, { methods: ["stack"] });
    const out = join(folder, "out");
    await ligoJson(["compare", recipe, "--out", out]);
    const before = readdirSync(join(out, "cells")).toSorted();
    await tinyRecipe(folder, { methods: ["stack", "interpolate"] });
    await ligoJson(["compare", recipe, "--out", out, "--resume"]);
    const after = readdirSync(join(out, "cells")).toSorted();
    expect(after).toHaveLength(3);
    expect(after).toEqual(expect.arrayContaining(before));
  });

  it("compares on a checkpoint of the user's, whose cost its record tells", async () => {
    const folder = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(folder, "mine"));
    const recipe = await tinyRecipe(folder, {
      source: checkpoint,
      data: [text],
      tokenizer: undefined,
      methods: ["stack"],
    });
    const out = join(folder, "out");
    await ligoJson(["compare", recipe, "--out", out]);
    expect(resultsOf(out).sources).toEqual([]);
    expect(existsSync(join(out, "sources"))).toBe(false);

    const trained = join(folder, "trained");
    const argv = ["train", checkpoint, "--data", text, "--out", trained, "--steps", "2"];
    const { flops } = await ligoJson<{ flops: number }>([...argv, "--batch", "8", "--no-cache"]);
    await tinyRecipe(folder, {
      source: trained,
      data: [text],
      tokenizer: undefined,
      methods: ["stack"],
    });
    await ligoJson(["compare", recipe, "--out", join(folder, "second")]);
    expect(resultsOf(join(folder, "second")).sources).toMatchObject([{ seed: 0, steps: 2, flops }]);
  });

  it("trains in phases of growing size, under one schedule and within the same budget", async () => {
    const folder = temporaryFolder();
    const gradual = {
      name: "gradual",
      method: "scratch",
      phases: [
        { config: { num_hidden_layers: 1 }, share: 0.4 },
        { share: 0.6, method: "stack", frozen: { layers: 1 } },
      ],
    };
    const recipe = await tinyRecipe(folder, { methods: [gradual] });
    const out = join(folder, "out");
    await ligoJson(["compare", recipe, "--out", out, "--keep-models"]);
    const { cells, flops_per_step: perStep } = resultsOf(out);
    const [scratch, phased] = cells;
    // half the layers cost less, so there are more steps
    expect(phased?.steps).toBeGreaterThan(6);
    const boundary = Math.round(0.4 * (phased?.steps ?? 0));
    const steps = phased?.curve.map(({ step }) => step) ?? [];
    // judged before and after it grows
    expect(steps.filter((step) => step === boundary)).toHaveLength(2);
    expect(steps.at(-1)).toBe(phased?.steps);
    const [whole, all] = [scratch, phased].map((cell) => cell?.curve.at(-1)?.flops ?? 0);
    expect(all).toBeLessThanOrEqual(whole ?? 0);
    const flops = phased?.curve.map((point) => point.flops) ?? [];
    expect(flops).toEqual(flops.toSorted((a, b) => a - b));
    // with its first layer frozen the last phase costs less than training all of the target
    const last = (flops.at(-1) ?? 0) - (flops[steps.lastIndexOf(boundary)] ?? 0);
    expect(last).toBeLessThan(perStep * ((phased?.steps ?? 0) - boundary));
    // and the frozen layer stays what it was
    const work = join(out, "work", phased?.key ?? "");
    const read = async (name: string): Promise<Float32Array> => {
      const checkpoint = await openCheckpoint(join(work, name));
      const weights = await checkpoint.read(FROZEN);
      await checkpoint.close();
      return weights;
    };
    expect(await read("trained-1")).toEqual(await read("grown-1"));
  });

  it("fine-tunes what was trained on labelled texts", async () => {
    const folder = temporaryFolder();
    const rows = (count: number): string =>
      Array.from({ length: count }, (_, k) =>
        k % 2 === 0 ? "the cat sees the dog .\tyes\n" : "the bird hears the fish .\tno\n",
      ).join("");
    writeFileSync(join(folder, "train.tsv"), `sentence\tlabel\n${rows(64)}`);
    writeFileSync(join(folder, "dev.tsv"), `sentence\tlabel\n${rows(16)}`);
    const recipe = await tinyRecipe(folder, {
      methods: ["stack"],
      downstream: [
        {
          name: "pets",
          class: "BertForSequenceClassification",
          data: "train.tsv",
          eval_data: "dev.tsv",
          epochs: 4,
          training: { batch: 8, learning_rate: 1e-2, warmup: 0 },
        },
      ],
    });
    const out = join(folder, "out");
    await ligoJson(["compare", recipe, "--out", out]);
    for (const { downstream } of resultsOf(out).cells) {
      expect(downstream["pets"]?.["accuracy"]).toBe(1);
    }
    expect(readFileSync(join(out, "report.html"), "utf8")).toContain("pets accuracy");
  });

  it("fine-tunes what was trained on images of other classes", async () => {
    const folder = temporaryFolder();
    tinyImages(join(folder, "images"));
    tinyClasses(join(folder, "pets"), ["cat", "dog"]);
    const training = { steps: 2, batch: 4, warmup: 0, evaluate_every: 2 };
    const recipe = join(folder, "recipe.json");
    const content = {
      source: { config: TINY_VIT, training },
      to: JSON.parse(TINY_TARGET) as Recipe,
      data: "images",
      training,
      growth: { steps: 1, warmup: 1 },
      methods: ["stack"],
      downstream: [{ name: "pets", labels: 2, data: "pets", training }],
    };
    writeFileSync(recipe, JSON.stringify(content));
    const out = join(folder, "out");
    await ligoJson(["compare", recipe, "--out", out]);
    for (const { downstream } of resultsOf(out).cells) {
      // all images are alike: one class is right
      expect([0, 0.5, 1]).toContain(downstream["pets"]?.["accuracy"]);
    }
  });

  it("keeps a training that diverges as what came out", async () => {
    const folder = temporaryFolder();
    const recipe = await tinyRecipe(folder, {
      methods: [{ name: "mad", method: "stack", training: { learning_rate: 1e30 } }],
    });
    const out = join(folder, "out");
    await ligoJson(["compare", recipe, "--out", out]);
    const mad = resultsOf(out).cells.find(({ name }) => name === "mad");
    expect(mad?.diverged).toMatch(/diverged/);
    expect(mad?.curve).toEqual([]);
  });

  it.each([
    ["no methods", { methods: [] }, "methods"],
    ["a method there is not", { methods: ["stak"] }, '"stak"'],
    ["two rows of one name", { methods: ["stack", "stack"] }, "two rows"],
    ["a key there is not", { training: { steps: 1, lr: 1 } }, "lr"],
    [
      "a rate that is no number",
      { training: { steps: 1, learning_rate: "fast" } },
      "learning_rate",
    ],
    ["no steps", { training: {} }, "training.steps"],
    ["an engine there is not", { engine: "abacus" }, "engine"],
  ])("refuses a recipe with %s", async (_, changes, says) => {
    const folder = temporaryFolder();
    const recipe = await tinyRecipe(folder, changes);
    const out = join(folder, "out");
    const { code, stderr } = await ligo(["compare", recipe, "--out", out]);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
    expect(existsSync(out)).toBe(false);
  });

  it("does not write into a folder that holds something", async () => {
    const folder = temporaryFolder();
    const recipe = await tinyRecipe(folder);
    const { code, stderr } = await ligo(["compare", recipe, "--out", join(folder, "start")]);
    expect(code).toBe(2);
    expect(stderr).toContain("holds files already");
  });

  it("names a damaged cell and does not take it for a result", async () => {
    const folder = temporaryFolder();
    const recipe = await tinyRecipe(folder, { methods: ["stack"] });
    const out = join(folder, "out");
    await ligoJson(["compare", recipe, "--out", out]);
    const [cell = ""] = readdirSync(join(out, "cells"));
    const file = join(out, "cells", cell);
    writeFileSync(file, readFileSync(file, "utf8").replace(/"steps": \d+/, '"steps": 999'));
    const { code, stderr } = await ligo(["compare", recipe, "--out", out, "--resume"]);
    expect(code).toBe(2);
    expect(stderr).toContain(cell);
    expect(stderr).toContain("changed after it was written");
  });
});
