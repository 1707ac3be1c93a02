import { basename, join } from "node:path";
import {
  COMPARISON_NAME,
  growthSeconds,
  RESULTS_NAME,
  summarize,
  type CellResult,
  type ComparisonResults,
  type MethodSummary,
} from "@ligo/compare";
import { RECORD_NAME } from "@ligo/sdk/models";
import { lockHolder, METRICS_NAME, RECIPE_NAME } from "@ligo/sdk/runs";
import { namesIn, numberAt, numbersAt, readObject, textAt, writtenAt, type Json } from "./files.js";
import { createMetricsReader, type Evaluation, type MetricsReader } from "./metrics.js";

/** A cell that is under way, or waits. */
export interface OpenCell {
  readonly name: string;
  readonly seed: number;
  readonly state: "running" | "stopped" | "waiting";
  /** Part of it that is done now; `starting` until a run of it has a folder. */
  readonly doing: "starting" | "growing" | "training";
  readonly step: number;
  readonly steps: number;
  /** Held-out losses so far, growth included. */
  readonly curve: readonly Evaluation[];
  /** Folder of the run that it is at, from the comparison's. */
  readonly run: string | undefined;
}

/** A comparison as its folder tells it. */
export interface ComparisonView {
  readonly folder: string;
  readonly title: string;
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  /** `undefined` before the first results are written. */
  readonly results: ComparisonResults | undefined;
  readonly summaries: readonly MethodSummary[];
  readonly open: readonly OpenCell[];
  readonly sources: { readonly done: number; readonly running: boolean };
  readonly state: "running" | "finished" | "stopped";
}

export interface ComparisonReader {
  read(): Promise<ComparisonView>;
}

export function createComparisonReader(folder: string): ComparisonReader {
  const readers = new Map<string, MetricsReader>();
  const readerOf = (path: string): MetricsReader => {
    const reader = readers.get(path) ?? createMetricsReader(path);
    readers.set(path, reader);
    return reader;
  };
  let known:
    | { readonly at: number | undefined; readonly results: ComparisonResults | undefined }
    | undefined;
  return {
    async read() {
      const comparison = (await readObject(join(folder, COMPARISON_NAME))) ?? {};
      const at = await writtenAt(folder, RESULTS_NAME);
      if (known === undefined || known.at !== at)
        known = { at, results: await readResults(folder) };
      const { results } = known;
      const open = await Promise.all(
        (results?.pending ?? []).map((cell) => openCell(folder, cell, readerOf)),
      );
      const sources = await sourcesOf(folder);
      const isRunning = sources.running || open.some(({ state }) => state === "running");
      const methods = namesOf(comparison);
      // a comparison may have been given more rows since its results were written
      const isFinished =
        results !== undefined &&
        results.missing.length === 0 &&
        methods.every((name) => results.cells.some((cell) => cell.name === name));
      return {
        folder,
        title: textAt(comparison, "title") ?? "Comparison",
        methods,
        seeds: numbersIn(comparison["seeds"]),
        results,
        summaries: results === undefined ? [] : summarize(results),
        open,
        sources,
        state: isFinished
          ? "finished"
          : isRunning || (await isTuning(folder))
            ? "running"
            : "stopped",
      };
    },
  };
}

const namesOf = ({ methods }: Json): readonly string[] =>
  Array.isArray(methods) ? methods.flatMap((row) => textAt(row, "name") ?? []) : [];

const numbersIn = (values: unknown): readonly number[] =>
  Array.isArray(values) ? values.filter((value): value is number => typeof value === "number") : [];

/** The results in a folder, where they are such: what a page shows of them must be there. */
async function readResults(folder: string): Promise<ComparisonResults | undefined> {
  const found = await readObject(join(folder, RESULTS_NAME));
  if (found === undefined || textAt(found, "format") !== "ligo.comparison") return undefined;
  const { cells, missing, sources } = found;
  if (!Array.isArray(cells) || !Array.isArray(missing) || !Array.isArray(sources)) return undefined;
  const whole = (cells as readonly unknown[]).filter(
    (cell) => textAt(cell, "name") !== undefined && Array.isArray((cell as Json)["curve"]),
  );
  return { ...(found as unknown as ComparisonResults), cells: whole as readonly CellResult[] };
}

async function openCell(
  folder: string,
  { key, name, seed }: { readonly key: string; readonly name: string; readonly seed: number },
  readerOf: (path: string) => MetricsReader,
): Promise<OpenCell> {
  // a key is a hash: it names no other folder
  const work = join(folder, "work", basename(key));
  const { folders } = await namesIn(work);
  const holder = await lockHolder(`${work}.lock`).catch(() => undefined);
  const isRunning = holder !== undefined && !holder.isGone;
  const state = isRunning ? "running" : folders.length > 0 ? "stopped" : "waiting";
  const [last] = folders.filter((one) => /^(?:grown|trained)/u.test(one)).toSorted(byAge);
  const waiting = { name, seed, state, step: 0, steps: 0, curve: [], run: undefined } as const;
  if (last === undefined) return { ...waiting, doing: "starting" };
  const growth = await growthCost(work, folders);
  const { evaluations, last: line } = await readerOf(join(work, last, METRICS_NAME)).read();
  const recipe = await readObject(join(work, last, RECIPE_NAME));
  return {
    name,
    seed,
    state,
    doing: last.startsWith("grown") ? "growing" : "training",
    step: numberAt(line, "step") ?? 0,
    steps: numberAt(recipe, "settings", "steps") ?? 0,
    curve: evaluations.map((one) => ({
      ...one,
      flops: one.flops + growth.flops,
      seconds: one.seconds + growth.seconds,
    })),
    run: ["work", basename(key), last].join("/"),
  };
}

/** Order of the runs of a cell, the newest first: `grown`, `trained`, `grown-1`, `trained-1`. */
function byAge(a: string, b: string): number {
  const rank = (name: string): number =>
    2 * Number(/-(\d+)$/u.exec(name)?.[1] ?? 0) + (name.startsWith("trained") ? 1 : 0);
  return rank(b) - rank(a);
}

/** Cost of the growths of a cell that are done. */
async function growthCost(
  work: string,
  folders: readonly string[],
): Promise<{ readonly flops: number; readonly seconds: number }> {
  let [flops, seconds] = [0, 0];
  for (const name of folders.filter((one) => one.startsWith("grown"))) {
    const record = await readObject(join(work, name, RECORD_NAME));
    flops += numberAt(record, "flops") ?? 0;
    seconds += growthSeconds(numbersAt(record, "seconds"));
  }
  return { flops, seconds };
}

async function sourcesOf(folder: string): Promise<ComparisonView["sources"]> {
  const path = join(folder, "sources");
  const { files, folders } = await namesIn(path);
  const records = await Promise.all(
    folders.map((name) => writtenAt(join(path, name), RECORD_NAME)),
  );
  return {
    done: records.filter((at) => at !== undefined).length,
    running: await anyHeld(path, files),
  };
}

/** Whether a cell is under way that is none of the reported ones: rates are being chosen. */
async function isTuning(folder: string): Promise<boolean> {
  const path = join(folder, "work");
  return anyHeld(path, (await namesIn(path)).files);
}

async function anyHeld(path: string, files: readonly string[]): Promise<boolean> {
  const locks = files.filter((name) => name.endsWith(".lock"));
  const holders = await Promise.all(
    locks.map((name) => lockHolder(join(path, name)).catch(() => undefined)),
  );
  return holders.some((holder) => holder !== undefined && !holder.isGone);
}
