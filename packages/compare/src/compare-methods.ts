import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { LigoError } from "@ligo/core";
import { OutputError, prepareFolder } from "@ligo/checkpoint";
import { InterruptedError } from "@ligo/sdk";
import {
  clearDone,
  inOwnFolder,
  isFinished,
  isLocked,
  keepAndRemove,
  takeBack,
} from "./cell-folder.js";
import type { Cell } from "./cell-keys.js";
import { cellStore, type CellStore } from "./cell-store.js";
import { cellsOfShard, pendingRuns, runName } from "./pending-runs.js";
import { createComparisonClock, type ComparisonClock } from "./time-left.js";
import { CompareError } from "./compare-error.js";
import type { Comparison } from "./comparison.js";
import type { CellDoneEvent, CellEvent, CompareHandles } from "./events.js";
import { openComparison, type OpenedComparison } from "./open-comparison.js";
import { parseComparison } from "./recipe/parse-comparison.js";
import { writeJson, writeResults, type ComparisonResults, type KnownResults } from "./results.js";
import {
  runCell,
  runSource,
  SOURCE_NAME,
  sourceFolder,
  TARGET_NAME,
  type CellResult,
} from "./run-cell.js";
import { keepKnown, knownEvent } from "./known-results.js";
import type { Shard } from "./shard.js";
import { atChosenRates, chosenRates, tuningRuns } from "./tuning.js";

/** Name of the recipe as it was understood, in the folder of a comparison. */
export const COMPARISON_NAME = "comparison.json";

export interface CompareOptions extends CompareHandles {
  readonly comparison: Comparison;
  /** Folder for results and everything on the way. */
  readonly out: string;
  /** Go on in a folder that holds a comparison: cells that are there are not run again. Default false. */
  readonly resume?: boolean | undefined;
  /** Run a part of the cells only. Default: all. */
  readonly shard?: Shard | undefined;
  /** `sources`: train sources only. `report`: run nothing, gather results. Default `cells`, with their sources. */
  readonly only?: "sources" | "cells" | "report" | undefined;
  /** Results of the same comparison from elsewhere: cells that they hold are not run again, now or when it goes on. */
  readonly known?: readonly KnownResults[] | undefined;
  /** Keep grown and trained checkpoints of all cells. Default false. */
  readonly keepModels?: boolean | undefined;
}

/**
 * Compares methods: every cell (method and seed) grows the source and trains the grown model, on the same data, with the same
 * budget. Cells are independent, kept by the hash of everything that determines them, and go on where they were stopped.
 * Throws `SettingsError` where the comparison is wrong, `OutputError` where `out` cannot be written, `compare/output-exists`
 * where it holds something already and `resume` is not set, `run/locked` where another process works on the same cell or
 * source, `run/interrupted` where the signal is aborted, and errors of growing and training; training that diverges is a
 * result.
 */
export async function compareMethods(options: CompareOptions): Promise<ComparisonResults> {
  const {
    comparison,
    keepModels = false,
    known = [],
    only = "cells",
    out,
    resume,
    shard,
    ...handles
  } = options;
  parseComparison(comparison);
  const undo = await prepareFolder(out);
  let opened: OpenedComparison;
  try {
    await checkFolder(out, resume === true);
    opened = await openComparison(comparison, handles);
  } catch (error) {
    await undo();
    throw error;
  }
  await writeComparison(opened, out);
  const elsewhere = await keepKnown(out, known);
  const store = cellStore(out, elsewhere);
  const gather = (): Promise<ComparisonResults> =>
    writeResults(opened, out, { store, known: elsewhere });
  if (known.length > 0) handles.onEvent?.(await knownEvent(opened, store, known));
  try {
    if (only !== "report") {
      // whoever watches sees what is to come
      if (only === "cells") await gather();
      const pending = await pendingRuns({ opened, store, out, shard }, only === "cells");
      const clock = createComparisonClock(handles, pending);
      const own = { handles: clock.handles, clock };
      const run = {
        opened,
        store,
        out,
        keep: keepModels,
        isPart: shard !== undefined,
        gather,
        ...own,
      };
      await (only === "sources" ? trainSources(run) : runAll(run, shard));
    }
  } catch (error) {
    if (handles.signal?.aborted !== true) throw explained(error);
    const words = `Interrupted. ${GO_ON}`;
    throw new InterruptedError("run/interrupted", words, { file: out, cause: error });
  }
  return gather();
}

/** Trains the sources of all cells, and of those that rates are chosen by. */
async function trainSources(run: ComparisonRun): Promise<void> {
  const { opened } = run;
  if (opened.tuning !== undefined)
    await runSources({ ...run, opened: opened.tuning }, opened.tuning.cells);
  await runSources(run, opened.cells);
}

/** Chooses rates where the comparison asks for it, and runs the cells of a part. */
async function runAll(run: ComparisonRun, shard: Shard | undefined): Promise<void> {
  const { handles, opened, store } = run;
  const { tuning } = opened;
  const { own, tried } = cellsOfShard(opened, shard);
  if (tuning === undefined) return runPart(run, own);
  await runPart({ ...run, opened: tuning }, tried);
  const chosen = chosenRates(opened.comparison, await tuningRuns(opened, store));
  handles.onEvent?.({ type: "rates", rates: chosen });
  const tuned = atChosenRates(opened, chosen);
  const rows = new Set(own.map(({ method }) => method.name));
  await runPart(
    { ...run, opened: tuned },
    tuned.cells.filter(({ method }) => rows.has(method.name)),
  );
}

/** Runs some cells of a comparison, their sources before. */
async function runPart(run: ComparisonRun, cells: readonly Cell[]): Promise<void> {
  await runSources(run, cells);
  await runCells(run, cells);
}

const GO_ON = "Finished runs and saved steps are kept; compare again with `resume: true` to go on.";

/** An error of a disk that takes nothing more, with how to go on with the comparison, not with the run in it. */
function explained(error: unknown): unknown {
  if (!LigoError.isInstance(error) || !error.code.startsWith("output/")) return error;
  const first = LigoError.isInstance(error.cause) ? error.cause : error;
  const { code, file, message } = first;
  return new OutputError(code, `${message} ${GO_ON}`, { file, cause: error });
}

/** Throws `compare/output-exists` where a comparison would begin in a folder that holds something. */
async function checkFolder(out: string, resume: boolean): Promise<void> {
  const names = await readdir(out);
  if (names.length > 0 && !resume) throw outputExists(out, names.includes(COMPARISON_NAME));
}

/** Writes the comparison, and the configs that training from scratch starts from. */
async function writeComparison(
  { comparison, target }: OpenedComparison,
  out: string,
): Promise<void> {
  const { source } = comparison;
  await writeJson(join(out, COMPARISON_NAME), comparison);
  await writeJson(join(out, TARGET_NAME), target.raw);
  if (typeof source !== "string") await writeJson(join(out, SOURCE_NAME), source.config);
}

function outputExists(out: string, isComparison: boolean): CompareError {
  return new CompareError(
    "compare/output-exists",
    isComparison
      ? `${out} holds a comparison already. Go on with it by \`resume: true\`, or choose another \`out\`.`
      : `${out} holds files already. Choose another \`out\`.`,
    { file: out, expected: "a missing or empty folder" },
  );
}

/** Tells of what processes that were killed left behind, where there was something to remove. */
function tellLeftovers(paths: readonly string[], { onEvent }: CompareHandles): void {
  if (paths.length > 0) onEvent?.({ type: "warning", code: "leftovers-removed", paths });
}

/**
 * Trains those sources that are not there yet, and that a cell without a result begins at. Where this is a part, sources that another
 * part trains come last, and are waited for.
 */
async function runSources(run: ComparisonRun, cells: readonly Cell[]): Promise<void> {
  const { handles, isPart, out, store } = run;
  const losses = await Promise.all(cells.map((cell) => store.readLoss(cell)));
  const needed = new Set(
    cells.filter((_, index) => losses[index] === undefined).map(({ source }) => source),
  );
  const bySource = new Map<string, SourceCell>();
  for (const cell of cells) {
    const { source } = cell;
    if (source !== undefined && !bySource.has(source)) bySource.set(source, { ...cell, source });
  }
  let missing: SourceCell[] = [];
  for (const [source, cell] of bySource) {
    const folder = sourceFolder(out, source);
    if (await isFinished(folder, handles)) {
      tellLeftovers(await clearDone(folder, folder), handles);
    } else if (needed.has(source)) {
      missing.push(cell);
    }
  }
  const told = new Set<string>();
  while (missing.length > 0) {
    const taken: SourceCell[] = [];
    for (const cell of missing) {
      const isDone = await trainSource(run, cell).then(
        () => true,
        (error: unknown) => {
          if (isPart && isLocked(error)) return false;
          throw error;
        },
      );
      if (!isDone) taken.push(cell);
    }
    if (taken.length === missing.length) {
      for (const { seed, source } of taken) {
        if (!told.has(source)) handles.onEvent?.({ type: "source", seed, waits: true });
        told.add(source);
      }
      await setTimeout(LOOK_AGAIN, undefined, { signal: handles.signal });
    }
    missing = taken;
  }
}

/** Milliseconds after which a part looks again whether another one has trained a source. */
const LOOK_AGAIN = 500;

type SourceCell = Cell & { readonly source: string };

/** Trains a source. Throws `run/locked` where another process does. */
async function trainSource(
  { clock, handles, opened, out }: ComparisonRun,
  cell: SourceCell,
): Promise<void> {
  const { seed, source } = cell;
  const folder = sourceFolder(out, source);
  handles.signal?.throwIfAborted();
  await inOwnFolder(folder, folder, async () => {
    if (await isFinished(folder, handles)) return;
    handles.onEvent?.({ type: "source", seed });
    clock.begin(source);
    await runSource(opened, cell, out, handles);
  });
  clock.end(source);
}

/** A comparison that is run in its folder. */
interface ComparisonRun {
  readonly opened: OpenedComparison;
  readonly store: CellStore;
  readonly out: string;
  readonly keep: boolean;
  /** Whether other processes run other parts of it. */
  readonly isPart: boolean;
  readonly handles: CompareHandles;
  readonly clock: ComparisonClock;
  /** Writes the results of the whole comparison, as far as it has come. */
  readonly gather: () => Promise<ComparisonResults>;
}

/** Runs those cells that have no result yet. */
async function runCells(run: ComparisonRun, cells: readonly Cell[]): Promise<void> {
  const { clock, handles, out, store } = run;
  for (const [index, cell] of cells.entries()) {
    handles.signal?.throwIfAborted();
    const { key, method, seed } = cell;
    const work = join(out, "work", key);
    const name = `${work} (${method.name}, seed ${seed})`;
    if ((await store.readLoss(cell)) !== undefined) {
      tellLeftovers(await clearDone(work, name), handles);
      continue;
    }
    const place = { index: index + 1, of: cells.length, method: method.name, seed };
    const started = performance.now();
    const result = await inOwnFolder(work, name, async () => {
      // another process may have been quicker
      if ((await store.readLoss(cell)) !== undefined) return undefined;
      handles.onEvent?.({ type: "cell", ...place });
      clock.begin(runName(cell));
      return runAndKeep(run, cell, work);
    });
    clock.end(runName(cell));
    if (result === undefined) continue;
    await run.gather();
    const seconds = (performance.now() - started) / 1000;
    handles.onEvent?.(doneEvent(place, result, seconds));
  }
}

/** Runs a cell and keeps its result; only then its folder is removed, unless models are kept. */
async function runAndKeep(
  { handles, keep, opened, out, store }: ComparisonRun,
  cell: Cell,
  work: string,
): Promise<CellResult> {
  await takeBack(work);
  const result = await runCell(opened, cell, { folder: out, work }, handles);
  const write = (): Promise<void> => store.write(result);
  await (keep ? write() : keepAndRemove(work, write));
  return result;
}

function doneEvent(
  place: Omit<CellEvent, "type">,
  { curve, diverged }: CellResult,
  seconds: number,
): CellDoneEvent {
  const [start, end] = [curve[0], curve.at(-1)];
  const losses = start && end && { start: start.loss, end: end.loss };
  return { type: "cell-done", ...place, losses, diverged: diverged ?? undefined, seconds };
}
