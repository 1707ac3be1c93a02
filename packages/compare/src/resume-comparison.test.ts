import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { bert } from "@ligo/bert";
import { failure, temporaryFolder } from "@ligo/vitest/files";
import { describe, expect, it, vi } from "vitest";
import { tinyRecipe } from "./__fixtures__/tiny-recipe.js";
import { compareMethods } from "./compare-methods.js";
import type { CompareEvent } from "./events.js";
import { parseComparison } from "./recipe/parse-comparison.js";
import type { ComparisonResults } from "./results.js";

const architectures = [bert];

const curvesOf = ({ cells }: ComparisonResults): unknown =>
  cells.map(({ curve, key, name }) => [
    key,
    name,
    curve.map(({ flops, loss, step }) => [step, flops, loss]),
  ]);

/** Paths that a disk does not let be written. */
const disk = vi.hoisted(() => ({ refuses: (_path: string): boolean => false }));

vi.mock("node:fs/promises", async (importOriginal) => {
  const original = await importOriginal<typeof import("node:fs/promises")>();
  const open: typeof original.open = async (path, ...more) => {
    const [flags = "r"] = more;
    if (flags !== "r" && disk.refuses(String(path))) {
      throw Object.assign(new Error("ENOSPC: the disk says no"), { code: "ENOSPC" });
    }
    return original.open(path, ...more);
  };
  return { ...original, open };
});

describe("a comparison that goes on", { timeout: 240_000 }, () => {
  it("does anew what is half removed or damaged of a cell, and no more", async () => {
    const folder = temporaryFolder();
    const comparison = parseComparison(await tinyRecipe(folder, { methods: ["ligo"] }));
    const whole = join(folder, "whole");
    const expected = await compareMethods({
      comparison,
      out: whole,
      architectures,
      keepModels: true,
    });
    const { key = "" } = expected.cells.find(({ name }) => name === "ligo") ?? {};
    const damages: readonly (readonly [string, (work: string) => void])[] = [
      ["nothing", () => undefined],
      [
        "grown",
        (work) => {
          // a removal that was cut short
          const grown = join(work, "grown");
          for (const name of readdirSync(grown)) {
            if (name !== "tokenizer_config.json") rmSync(join(grown, name), { recursive: true });
          }
        },
      ],
      ["grown", (work) => rmSync(join(work, "grown", "model.safetensors"))],
      ["trained", (work) => truncateSync(join(work, "trained", "recipe.json"), 40)],
      ["trained", (work) => rmSync(join(work, "trained", "metrics.jsonl"))],
      ["trained", (work) => truncateSync(join(work, "trained", "metrics.jsonl"), 100)],
      ["trained", (work) => truncateSync(join(work, "trained", "ligo.json"), 10)],
      [
        "step-2",
        (work) => {
          rmSync(join(work, "trained", "ligo.json"));
          mkdirSync(join(work, "trained", "checkpoints", "step-2"), { recursive: true });
          writeFileSync(join(work, "trained", "checkpoints", "step-2", "state.json"), "{");
        },
      ],
      [
        ".k.done",
        (work) => {
          // killed before the result was kept
          cpSync(work, join(work, "..", `.${basename(work)}.done`), { recursive: true });
          rmSync(work, { recursive: true });
        },
      ],
    ];
    for (const [index, [removed, damage]] of damages.entries()) {
      const out = join(folder, `damaged-${index}`);
      cpSync(whole, out, { recursive: true });
      rmSync(join(out, "cells", `${key}.json`));
      damage(join(out, "work", key));
      const told: string[] = [];
      const onEvent = (event: CompareEvent): void => {
        if (event.type !== "warning" || event.code !== "leftovers-removed") return;
        told.push(...event.paths.map((path) => basename(path)));
      };
      const options = { comparison, out, architectures, resume: true, onEvent };
      const results = await compareMethods(options);
      expect(curvesOf(results), removed).toEqual(curvesOf(expected));
      expect(told, removed).toEqual(["nothing", ".k.done"].includes(removed) ? [] : [removed]);
      // models of cells that were done before stay, that of this one is removed
      const kept = readdirSync(join(whole, "work")).filter((name) => name !== key);
      expect(readdirSync(join(out, "work")), removed).toEqual(kept);
      expect(readdirSync(out).toSorted()).toEqual(readdirSync(whole).toSorted());
    }
  });

  it("clears what was left in a source that was killed as it finished", async () => {
    const folder = temporaryFolder();
    const comparison = parseComparison(await tinyRecipe(folder, { methods: ["stack"] }));
    const out = join(folder, "out");
    const expected = await compareMethods({ comparison, out, architectures });
    const [source = ""] = readdirSync(join(out, "sources"));
    const trained = join(out, "sources", source);
    const whole = readdirSync(trained).toSorted();
    // between its record and its last two steps: a process that is gone holds the lock
    mkdirSync(join(trained, ".final"));
    const holder = { pid: 2 ** 22 + 1, host: hostname(), process: null, taken: "2026-01-01" };
    writeFileSync(join(trained, "run.lock"), `${JSON.stringify(holder)}\n`);
    const told: string[] = [];
    const onEvent = (event: CompareEvent): void => {
      if (event.type === "warning" && event.code === "leftovers-removed")
        told.push(...event.paths.map((path) => basename(path)));
    };
    const options = { comparison, out, architectures, resume: true, onEvent };
    expect(curvesOf(await compareMethods(options))).toEqual(curvesOf(expected));
    expect(readdirSync(trained).toSorted()).toEqual(whole);
    expect(told).toEqual([".final"]);
  });

  it("says that another process runs it, and touches nothing of that", async () => {
    const folder = temporaryFolder();
    const comparison = parseComparison(await tinyRecipe(folder, { methods: ["stack"] }));
    const out = join(folder, "out");
    const second: Promise<unknown>[] = [];
    const phases = new Set<string>();
    // as soon as a source, a growth and a training begin, and at their first steps
    const onEvent = (event: CompareEvent): void => {
      if (event.type !== "source" && event.type !== "cell" && event.type !== "step") return;
      const phase = event.type === "step" ? `${event.phase} ${event.step}` : event.type;
      if (phases.has(phase)) return;
      phases.add(phase);
      second.push(failure(compareMethods({ comparison, out, architectures, resume: true })));
    };
    const results = await compareMethods({ comparison, out, architectures, onEvent });
    expect(results.missing).toEqual([]);
    expect(phases.size).toBeGreaterThan(2);
    for (const error of await Promise.all(second)) {
      expect(error).toMatchObject({
        code: "run/locked",
        message: expect.stringMatching(
          /in use by process \d+ on .*Wait for it or stop it/,
        ) as string,
      });
    }
    expect(readdirSync(join(out, "work"))).toEqual([]);
    expect(readdirSync(join(out, "sources"))).toHaveLength(1);
  });
});

describe("parts of a comparison", { timeout: 240_000 }, () => {
  it("wait for the sources that the other trains", async () => {
    const folder = temporaryFolder();
    const recipe = await tinyRecipe(folder, { methods: ["stack"], seeds: [0, 1] });
    const comparison = parseComparison(recipe);
    const whole = await compareMethods({ comparison, out: join(folder, "whole"), architectures });
    const out = join(folder, "parts");
    const told: CompareEvent[] = [];
    const part = async (index: number): Promise<ComparisonResults> =>
      compareMethods({
        comparison,
        out,
        architectures,
        resume: true,
        shard: { index, count: 2 },
        onEvent: (event) => {
          if (event.type === "source") told.push(event);
        },
      });
    await Promise.all([part(1), part(2)]);
    const trained = told.flatMap((event) =>
      event.type === "source" && event.waits !== true ? [event.seed] : [],
    );
    expect(trained.toSorted((a, b) => a - b)).toEqual([0, 1]);
    const options = { comparison, out, architectures, resume: true, only: "report" } as const;
    const results = await compareMethods(options);
    expect(results.missing).toEqual([]);
    expect(curvesOf(results)).toEqual(curvesOf(whole));
  });
});

describe("a comparison whose folder cannot be written", () => {
  it.each(["/proc/comparison", "/proc/a/b"])("is refused before any work: %s", async (out) => {
    const folder = temporaryFolder();
    const comparison = parseComparison(await tinyRecipe(folder, { data: join(folder, "none") }));
    // data that are not there are not even looked for
    const error = await failure(compareMethods({ comparison, out, architectures }));
    expect(error).toMatchObject({ code: "output/not-writable", file: out });
  });

  it("is refused on a full disk, and leaves nothing where it is wrong", async () => {
    const folder = temporaryFolder();
    const comparison = parseComparison(await tinyRecipe(folder, { data: join(folder, "none") }));
    const out = join(folder, "a", "out");
    const refused = (): Promise<Error> =>
      failure(compareMethods({ comparison, out, architectures }));
    disk.refuses = (path) => path.startsWith(out);
    expect(await refused()).toMatchObject({
      code: "output/write-failed",
      message: expect.stringContaining("The disk is full") as string,
    });
    disk.refuses = () => false;
    expect(await refused()).toMatchObject({ code: "data/no-match" });
    expect(readdirSync(folder)).toEqual(["start"]);
  });

  it("ends in the middle, says how to go on, and does so", { timeout: 240_000 }, async () => {
    const folder = temporaryFolder();
    const comparison = parseComparison(await tinyRecipe(folder, { methods: ["stack"] }));
    const whole = await compareMethods({ comparison, out: join(folder, "whole"), architectures });
    for (const place of ["cells", ".grown", ".trained"]) {
      const out = join(folder, `full-${place.length}`);
      disk.refuses = (path) => path.startsWith(out) && path.includes(place);
      const error = await failure(compareMethods({ comparison, out, architectures }));
      disk.refuses = () => false;
      expect(error).toMatchObject({ code: "output/write-failed" });
      expect(error.message).toContain("The disk is full");
      expect(error.message).toContain("compare again with `resume: true`");
      expect(error.message).not.toContain("resume(");
      const results = await compareMethods({ comparison, out, architectures, resume: true });
      expect(curvesOf(results)).toEqual(curvesOf(whole));
      expect(existsSync(join(out, "work"))).toBe(true);
      expect(readdirSync(join(out, "work"))).toEqual([]);
    }
  });
});
