import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { InterruptedError } from "@ligo/sdk";
import { RECORD_NAME } from "@ligo/sdk/models";
import type { Cell } from "./cell-keys.js";
import { CompareError } from "./compare-error.js";
import type { Comparison } from "./comparison.js";
import type { CellDoneEvent, CellEvent, CompareHandles } from "./events.js";
import { openComparison, type OpenedComparison } from "./open-comparison.js";
import {
  cellStore,
  writeJson,
  writeResults,
  type CellStore,
  type ComparisonResults,
} from "./results.js";
import {
  runCell,
  runSource,
  SOURCE_NAME,
  sourceFolder,
  TARGET_NAME,
  type CellResult,
} from "./run-cell.js";
import type { Shard } from "./shard.js";

const COMPARISON_NAME = "comparison.json";

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
  /** Keep grown and trained checkpoints of all cells. Default false. */
  readonly keepModels?: boolean | undefined;
}

/**
 * Compares methods: every cell (method and seed) grows the source and trains the grown model, on the same data, with the same
 * budget. Cells are independent, kept by the hash of everything that determines them, and go on where they were stopped.
 * Throws `SettingsError` where the comparison is wrong, `compare/output-exists` where `out` holds something already and
 * `resume` is not set, `run/interrupted` where the signal is aborted, and errors of growing and training; training that
 * diverges is a result.
 */
export async function compareMethods(options: CompareOptions): Promise<ComparisonResults> {
  const {
    comparison,
    keepModels = false,
    only = "cells",
    out,
    resume,
    shard,
    ...handles
  } = options;
  const opened = await openComparison(comparison, handles);
  await prepareFolder(opened, out, resume === true);
  const { cells } = opened;
  const mine = cells.filter(
    (_, index) => shard === undefined || index % shard.count === shard.index - 1,
  );
  const store = cellStore(out);
  try {
    if (only !== "report")
      await runSources(opened, only === "sources" ? cells : mine, out, handles);
    if (only === "cells") {
      await runCells({ opened, store, out, keep: keepModels, handles }, mine);
    }
  } catch (error) {
    if (handles.signal?.aborted !== true) throw error;
    throw new InterruptedError(
      "run/interrupted",
      "Interrupted. Finished runs and saved steps are kept; compare again with `resume: true` to go on.",
      { file: out, cause: error },
    );
  }
  return writeResults(opened, out, store);
}

/** Makes the folder of a comparison, with the comparison and the configs that training from scratch starts from. */
async function prepareFolder(
  { comparison, target }: OpenedComparison,
  out: string,
  resume: boolean,
): Promise<void> {
  await mkdir(out, { recursive: true });
  const names = await readdir(out);
  if (names.length > 0 && !resume) throw outputExists(out, names.includes(COMPARISON_NAME));
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

async function runSources(
  opened: OpenedComparison,
  cells: readonly Cell[],
  out: string,
  handles: CompareHandles,
): Promise<void> {
  const seen = new Set<string>();
  for (const cell of cells) {
    const { seed, source } = cell;
    if (source === undefined || seen.has(source)) continue;
    seen.add(source);
    if (existsSync(join(sourceFolder(out, source), RECORD_NAME))) continue;
    handles.signal?.throwIfAborted();
    handles.onEvent?.({ type: "source", seed });
    await runSource(opened, { ...cell, source }, out, handles);
  }
}

interface CellsRun {
  readonly opened: OpenedComparison;
  readonly store: CellStore;
  readonly out: string;
  readonly keep: boolean;
  readonly handles: CompareHandles;
}

/** Runs those cells that have no result yet. */
async function runCells(
  { handles, keep, opened, out, store }: CellsRun,
  cells: readonly Cell[],
): Promise<void> {
  for (const [index, cell] of cells.entries()) {
    handles.signal?.throwIfAborted();
    if ((await store.read(cell)) !== undefined) continue;
    const { method, seed } = cell;
    const place = { index: index + 1, of: cells.length, method: method.name, seed };
    handles.onEvent?.({ type: "cell", ...place });
    const started = performance.now();
    const folders = { folder: out, work: join(out, "work", cell.key), keep };
    const result = await runCell(opened, cell, folders, handles);
    await store.write(result);
    await writeResults(opened, out, store);
    const seconds = (performance.now() - started) / 1000;
    handles.onEvent?.(doneEvent(place, result, seconds));
  }
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
