import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCheckpoint } from "@ligo/checkpoint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StepEvent } from "@ligo/sdk";
import { size } from "./experiments/models.js";
import type { QuickstartRecipe } from "./quickstart-recipe.js";
import {
  headline,
  lastPoint,
  quickstartReport,
  type QuickstartResult,
} from "./quickstart-report.js";
import { runQuickstart } from "./run-quickstart.js";

const recipe: QuickstartRecipe = {
  sequence: 16,
  vocabulary: 64,
  heldOut: 8,
  small: size(1, 16, 2),
  large: size(2, 24, 3),
  smallTraining: { batch: 8, steps: 12, learningRate: 3e-3, warmup: 2, evaluateEvery: 6 },
  growth: { steps: 3, batch: 8, learningRate: 3e-2, warmup: 1 },
  largeTraining: { batch: 8, steps: 6, learningRate: 1e-3, warmup: 2, evaluateEvery: 3 },
};
const words = [
  "cats",
  "dogs",
  "birds",
  "see",
  "hear",
  "chase",
  "the",
  "small",
  "old",
  "river",
  "tree",
  "house",
];
const texts = [
  Array.from({ length: 400 }, (_, line) =>
    Array.from(
      { length: 12 },
      (_, word) => words[(line * 7 + word * word * 5 + line * word) % words.length],
    ).join(" "),
  ).join("\n"),
];

describe("runQuickstart", () => {
  let out: string;
  let result: QuickstartResult;
  const said: string[] = [];
  const steps: StepEvent[] = [];

  beforeAll(async () => {
    out = mkdtempSync(join(tmpdir(), "ligo-quickstart-"));
    result = await runQuickstart({
      recipe,
      texts,
      out,
      seed: 0,
      say: (line) => said.push(line),
      onEvent: (event) => {
        if (event.type === "step" && event.phase !== "evaluate") steps.push(event);
      },
    });
  }, 60_000);
  afterAll(() => rmSync(out, { recursive: true, force: true }));

  it("charges growth to the grown model and nothing to scratch", () => {
    const { curves, growth } = result;
    expect(growth.flops).toBeGreaterThan(0);
    expect(curves.grown[0]).toMatchObject({
      step: 0,
      flops: growth.flops,
      seconds: growth.seconds,
    });
    expect(curves.scratch[0]).toMatchObject({ step: 0, flops: 0, seconds: 0 });
    expect(lastPoint(curves.grown).flops - growth.flops).toBe(lastPoint(curves.scratch).flops);
    expect(curves.grown.map(({ step }) => step)).toEqual([0, 3, 6]);
  });

  it("starts the race where growth left the model", () => {
    // the same weights and batches, evaluated by two compiled programs
    expect(result.curves.grown[0]?.loss).toBeCloseTo(result.growth.heldOutLoss, 6);
  });

  it("tells the time left of all parts, at their ends too", () => {
    const ends = steps.filter(({ step, steps: all }) => step === all);
    expect(ends.map(({ phase }) => phase)).toEqual(["train", "learn", "train", "train"]);
    for (const { overallSecondsLeft } of ends.slice(0, -1))
      expect(overallSecondsLeft).toBeGreaterThan(0);
    // two trainings of the large model were to come
    expect(ends[3]?.overallSecondsLeft).toBeLessThan(ends[1]?.overallSecondsLeft ?? 0);
  });

  it("leaves checkpoints of the right size", async () => {
    for (const [name, hidden] of [
      ["small", 16],
      ["grown", 24],
      ["trained", 24],
      ["scratch", 24],
    ] as const) {
      const checkpoint = await openCheckpoint(join(out, name));
      expect(checkpoint.headers.get("bert.embeddings.LayerNorm.weight")?.shape).toEqual([hidden]);
      expect(checkpoint.config["hidden_size"]).toBe(hidden);
      await checkpoint.close();
    }
  });

  it("tells the data once, and every stage", () => {
    expect(said.filter((line) => line.includes("word pieces"))).toHaveLength(1);
    expect(said.filter((line) => /^\n\d\. /.test(line)).map((line) => line[1])).toEqual([
      "1",
      "2",
      "3",
      "4",
    ]);
  });

  it("writes a report that needs nothing beside it", () => {
    const html = readFileSync(join(out, "report.html"), "utf8");
    expect(html).toContain(quickstartReport(result).headline.split(",")[0]);
    expect(html).not.toMatch(/(?:src|href)\s*=\s*["']?(?:https?:|\/\/|\.)/u);
    expect(html).toContain("uPlot");
    expect(JSON.parse(readFileSync(join(out, "results.json"), "utf8"))).toEqual(
      JSON.parse(JSON.stringify(result)),
    );
  });

  it("says so where growing saves nothing", () => {
    const never = { ...result, saving: null, savingWithSmall: null };
    expect(headline(never)).toContain("saved nothing");
    const some = { ...result, saving: 0.5, savingWithSmall: 0.25 };
    expect(headline(some)).toContain("50.0 %");
    expect(headline(some)).toContain("25.0 %");
  });
});
