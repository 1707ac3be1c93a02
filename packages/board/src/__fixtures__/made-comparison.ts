import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { takeLock, type RunLock } from "@ligo/sdk/runs";
import { makeRun } from "./made-runs.js";

const METHODS = ["scratch", "stack", "ligo"];
const SEEDS = [0, 1];

const write = (folder: string, name: string, value: unknown): void =>
  writeFileSync(join(folder, name), JSON.stringify(value));

/** The loss of a row after a share of its training: seeds of scratch and the others lie apart, or all in one place. */
const lossOf = (row: number, seed: number, share: number, apart: number): number =>
  4 - apart * row + 3 * (row === 0 ? 1 : 0.3) * (1 - share) ** 3 + 0.01 * seed;

/**
 * Writes the folder of a comparison of three methods on two seeds.
 *
 * @param done cells that have a result; the next one is under way, unless `isHeld` is false
 * @param apart how far the rows end from each other
 */
export async function makeComparison(
  folder: string,
  { apart = 0.4, done, isHeld = true }: { readonly done: number; readonly apart?: number; readonly isHeld?: boolean },
): Promise<readonly RunLock[]> {
  mkdirSync(join(folder, "work"), { recursive: true });
  const methods = METHODS.map((name) => ({ name, method: name, growth: {}, training: {} }));
  const comparison = {
    title: "Tiny BERT",
    source: { config: {}, training: {} },
    to: {},
    training: { steps: 100 },
    growth: {},
    methods,
    seeds: SEEDS,
    budget: "flops",
    references: [],
  };
  write(folder, "comparison.json", comparison);
  const all = SEEDS.flatMap((seed) => METHODS.map((name, row) => ({ key: `${row}${seed}`, name, row, seed })));
  const cells = all.slice(0, done).map(({ key, name, row, seed }) => ({
    key,
    name,
    method: name,
    seed,
    growth: null,
    steps: 100,
    curve: Array.from({ length: 11 }, (_, k) => ({
      step: 10 * k,
      flops: 1e12 * k,
      seconds: 5 * k,
      loss: lossOf(row, seed, k / 10, apart),
    })),
    accuracy: null,
    downstream: {},
    diverged: null,
  }));
  const left = all.slice(done).map(({ key, name, seed }) => ({ key, name, seed }));
  write(folder, "results.json", {
    format: "ligo.comparison",
    format_version: 1,
    title: comparison.title,
    comparison,
    judged_by: "masked-lm",
    unit: "tokens",
    flops_per_step: 1e11,
    counted: null,
    sizes: { source: { layers: 2, width: 8 }, target: { layers: 4, width: 12 } },
    sources: [],
    cells,
    missing: left.map(({ name, seed }) => `${name}, seed ${seed}`),
    pending: left,
    machine: "none",
    versions: {},
  });
  const [next] = left;
  if (next === undefined || !isHeld) return [];
  const work = join(folder, "work", next.key);
  const run = await makeRun(join(work, "trained"), { command: "train", state: "running", done: 40, steps: 100 });
  const cell = await takeLock(() => `${work}.lock`, work);
  return run === undefined ? [cell] : [cell, run];
}
