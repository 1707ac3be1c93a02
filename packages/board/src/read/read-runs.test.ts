import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@ligo/vitest/files";
import { describe, expect, it } from "vitest";
import { makeComparison } from "../__fixtures__/made-comparison.js";
import { makeRun, metricLines } from "../__fixtures__/made-runs.js";
import { createComparisonReader } from "./comparison.js";
import { findRuns, openRoots } from "./find-runs.js";
import { createMetricsReader } from "./metrics.js";
import { createRunReader, type RunView } from "./run.js";

const readRun = (folder: string): Promise<RunView> => createRunReader(folder).read();

describe("a run", () => {
  it("that is under way says where it stands, and what was known before its first step", async () => {
    const folder = join(temporaryFolder(), "run");
    const lock = await makeRun(folder, { state: "running", checkpoints: [10, 20] });
    const run = await readRun(folder);
    expect(run).toMatchObject({
      command: "grow",
      method: "ligo",
      state: "running",
      steps: 60,
      losses: { small: 3.4, start: 4.6 },
      sizes: { source: { layers: 2, width: 8 }, target: { layers: 4, width: 12 } },
      seconds: { read: 1, compile: 2 },
      checkpoints: [{ step: 10 }, { step: 20 }],
    });
    expect(run.metrics.steps.step).toHaveLength(30);
    await lock?.release();
    expect((await readRun(folder)).state).toBe("stopped");
  });

  it("that came to its end has its losses and sizes from its record, config and operator", async () => {
    const folder = join(temporaryFolder(), "run");
    await makeRun(folder, { state: "finished", done: 60 });
    expect(await readRun(folder)).toMatchObject({
      state: "finished",
      because: "",
      losses: { small: 3.4, start: 4.6, grown: 3.3 },
      sizes: {
        source: { layers: 2, width: 8, parameters: 1000 },
        target: { layers: 4, width: 12, parameters: 4000 },
      },
    });
  });

  it.each([
    ["killed", "stopped", /^Process \d+ is gone/u],
    ["stopped", "stopped", /interrupted/u],
    ["failed", "failed", /step 31 is NaN/u],
  ] as const)("that was %s is %s, and says why", async (how, state, because) => {
    const folder = join(temporaryFolder(), "run");
    await makeRun(folder, { state: how });
    expect(await readRun(folder)).toMatchObject({
      state,
      because: expect.stringMatching(because) as string,
    });
  });

  it("has nothing from beyond its folder", async () => {
    const [folder, secret] = [
      join(temporaryFolder(), "run"),
      join(temporaryFolder(), "secret.json"),
    ];
    writeFileSync(secret, JSON.stringify({ settings: { method: "secret", steps: 7 } }));
    mkdirSync(folder);
    symlinkSync(secret, join(folder, "recipe.json"));
    expect(await readRun(folder)).toMatchObject({ method: undefined, steps: 0, settings: {} });
  });

  it("whose files are damaged is shown as far as they can be read", async () => {
    const folder = join(temporaryFolder(), "run");
    await makeRun(folder, { state: "stopped", checkpoints: [10] });
    writeFileSync(join(folder, "recipe.json"), '{"settings": {"steps": "many", "me');
    writeFileSync(join(folder, "status.json"), "[]");
    writeFileSync(join(folder, "checkpoints/step-10/operator.safetensors"), "half");
    appendFileSync(join(folder, "metrics.jsonl"), 'no JSON\n{"step": "one"}\n{"step": 31, "lo');
    const run = await readRun(folder);
    expect(run).toMatchObject({ steps: 0, operator: undefined, sizes: {} });
    expect(run.metrics.steps.step).toHaveLength(30);
  });
});

describe("an operator", () => {
  it("is told by its depth weights and the rows of its width maps", async () => {
    const folder = join(temporaryFolder(), "run");
    await makeRun(folder, { state: "finished" });
    const { operator } = await readRun(folder);
    expect(operator?.depth).toMatchObject([
      {
        stack: "layer",
        mean: [
          [1, 0],
          [0, 1],
          [0.75, 0.5],
          [-0.25, 1],
        ],
      },
    ]);
    const [embed] = operator?.width ?? [];
    expect(embed).toMatchObject({
      space: "embed",
      newUnits: 12,
      oldUnits: 8,
      copies: 8,
      mixtures: 3,
      zeros: 1,
    });
    // the root of 0.01 (1 + 4 + ... + 64)
    expect(embed?.norms[8]).toBeCloseTo(Math.sqrt(2.04), 5);
    expect(embed?.isCopy.filter(Boolean)).toHaveLength(8);
  });

  it("of a run under way is that of its last checkpoint", async () => {
    const folder = join(temporaryFolder(), "run");
    await makeRun(folder, { state: "stopped", checkpoints: [10] });
    expect((await readRun(folder)).operator?.depth).toHaveLength(1);
    const early = join(temporaryFolder(), "run");
    await makeRun(early, { state: "stopped" });
    expect((await readRun(early)).operator).toBeUndefined();
  });
});

describe("metrics", () => {
  it("are read on from where they were, a line under way when it is whole", async () => {
    const file = join(temporaryFolder(), "metrics.jsonl");
    const reader = createMetricsReader(file);
    expect((await reader.read()).steps.step).toEqual([]);
    const lines = metricLines("train", 10, 20);
    writeFileSync(file, lines.slice(0, -20));
    expect((await reader.read()).steps.step).toHaveLength(10);
    expect((await reader.read()).evaluations).toHaveLength(0);
    appendFileSync(file, lines.slice(-20));
    expect((await reader.read()).evaluations).toMatchObject([{ step: 10 }]);
    expect((await reader.read()).steps.step).toHaveLength(10);
  });

  it("begin anew where a resumed run cut its file back", async () => {
    const file = join(temporaryFolder(), "metrics.jsonl");
    const reader = createMetricsReader(file);
    const [before, after] = [metricLines("grow", 10, 20), metricLines("grow", 12, 400)];
    writeFileSync(file, before);
    await reader.read();
    truncateSync(file, 0);
    writeFileSync(file, after);
    const { steps } = await reader.read();
    expect(steps.step).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    expect(steps.rate[0]).toBeCloseTo(1e-3 * (1 - 1 / 400), 9);
  });
});

describe("a comparison", () => {
  it("has its results, the cell that is under way, and those that wait", async () => {
    const folder = join(temporaryFolder(), "comparison");
    const locks = await makeComparison(folder, { done: 2 });
    const view = await createComparisonReader(folder).read();
    expect(view).toMatchObject({
      state: "running",
      methods: ["scratch", "stack", "ligo"],
      seeds: [0, 1],
    });
    expect(view.results?.cells).toHaveLength(2);
    expect(view.open[0]).toMatchObject({
      name: "ligo",
      seed: 0,
      state: "running",
      doing: "training",
      step: 40,
      steps: 100,
      run: "work/20/trained",
    });
    expect(view.open[0]?.curve).toHaveLength(4);
    expect(view.open.slice(1).map(({ state }) => state)).toEqual(["waiting", "waiting", "waiting"]);
    for (const lock of locks) await lock.release();
    expect(await createComparisonReader(folder).read()).toMatchObject({ state: "stopped" });
  });

  it("is finished where nothing is missing, and none where its results are something else", async () => {
    const folder = join(temporaryFolder(), "comparison");
    await makeComparison(folder, { done: 6 });
    expect(await createComparisonReader(folder).read()).toMatchObject({
      state: "finished",
      open: [],
    });
    const file = join(folder, "comparison.json");
    const { methods, ...rest } = JSON.parse(readFileSync(file, "utf8")) as {
      readonly methods: readonly object[];
    };
    writeFileSync(file, JSON.stringify({ ...rest, methods: [...methods, { name: "another" }] }));
    expect(await createComparisonReader(folder).read()).toMatchObject({ state: "stopped" });
    writeFileSync(join(folder, "results.json"), '{"format": "ligo.comparison", "cells": 3}');
    expect((await createComparisonReader(folder).read()).results).toBeUndefined();
  });
});

describe("findRuns", () => {
  it("finds runs and comparisons below the folders, and those that are parts of a comparison as such", async () => {
    const folder = temporaryFolder();
    await makeRun(join(folder, "a/b"), { state: "finished" });
    await makeRun(join(folder, "node_modules/c"), { state: "finished" });
    await makeRun(join(folder, ".hidden"), { state: "finished" });
    const elsewhere = join(temporaryFolder(), "elsewhere");
    await makeRun(elsewhere, { state: "finished" });
    symlinkSync(elsewhere, join(folder, "link"));
    const locks = await makeComparison(join(folder, "c"), { done: 0 });
    const roots = await openRoots([folder]);
    const name = roots[0]?.name ?? "";
    expect(await findRuns(roots)).toMatchObject([
      { id: `${name}/a/b`, kind: "run", within: undefined },
      { id: `${name}/c`, kind: "comparison" },
      { id: `${name}/c/work/00/trained`, kind: "run", within: `${name}/c` },
    ]);
    for (const lock of locks) await lock.release();
  });

  it("takes a recipe that a person wrote for no run", async () => {
    const folder = temporaryFolder();
    await makeRun(join(folder, "run"), { state: "stopped" });
    writeFileSync(join(folder, "recipe.json"), '{"source": "small", "methods": ["stack"]}');
    const [found, ...others] = await findRuns(await openRoots([folder]));
    expect(found?.id).toMatch(/\/run$/u);
    expect(others).toEqual([]);
  });

  it("keeps folders of the same name apart, and refuses one that is not there", async () => {
    const [a, b] = [join(temporaryFolder(), "runs"), join(temporaryFolder(), "runs")];
    mkdirSync(a);
    mkdirSync(b);
    expect((await openRoots([a, b])).map(({ name }) => name)).toEqual(["runs", "runs~2"]);
    await expect(openRoots([join(a, "none")])).rejects.toMatchObject({ code: "board/no-folder" });
  });
});
