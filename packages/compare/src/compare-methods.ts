import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "@ligo/checkpoint";
import {
  describeMachine,
  RECORD_NAME,
  readRecord,
  softwareVersions,
  InterruptedError,
  readSealed,
  writeSealed,
  type SealedKind,
  UsageError,
} from "@ligo/sdk";
import { formatSeconds } from "@ligo/report";
import type { Comparison } from "./comparison.js";
import {
  openComparison,
  type Cell,
  type ComparisonWatchers,
  type CountedSizes,
  type OpenedComparison,
} from "./open-comparison.js";
import type { Shard } from "./shard.js";
import { runCell, runSource, SOURCE_NAME, TARGET_NAME, type CellResult } from "./run-cell.js";

export const RESULTS_NAME = "results.json";
const COMPARISON_NAME = "comparison.json";

const CELL: SealedKind = {
  format: "ligo.cell",
  formatVersion: 1,
  code: "run/damaged-cell",
  advice: "Remove it, and the cell is run again.",
};

export interface CompareOptions extends ComparisonWatchers {
  readonly comparison: Comparison;
  /** Folder for results and everything on the way. */
  readonly out: string;
  /** Go on in a folder that holds a comparison: cells that are there are not run again. Default false. */
  readonly resume?: boolean | undefined;
  /** Run a part of the cells only. Default: all. */
  readonly shard?: Shard | undefined;
  /** `sources`: train sources only. `report`: run nothing, gather what is there. Default `cells`, with their sources. */
  readonly only?: "sources" | "cells" | "report" | undefined;
  /** Keep grown and trained checkpoints of all cells. Default false. */
  readonly keepModels?: boolean | undefined;
}

/** What training a source took. */
export interface SourceCost {
  readonly key: string;
  readonly seed: number;
  readonly steps: number;
  readonly flops: number;
  readonly seconds: number;
  readonly loss: number;
}

/** A comparison, as far as it has come. */
export interface ComparisonResults {
  readonly format: "ligo.comparison";
  readonly format_version: 1;
  readonly title: string;
  readonly comparison: Comparison;
  readonly judged_by: string;
  readonly unit: "tokens" | "images";
  /** Estimated operations of one training step of the target, which budgets are counted in. */
  readonly flops_per_step: number;
  /** What the paper's FLOP counter needs; null of models that are no language models. */
  readonly counted: CountedSizes | null;
  readonly sources: readonly SourceCost[];
  readonly cells: readonly CellResult[];
  /** Cells that were not run yet: `<method>, seed <n>`. */
  readonly missing: readonly string[];
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * Compares methods: every cell (method and seed) grows the source and trains what is grown, on the same data, with the same
 * budget. Cells are independent, kept by the hash of what determines them, and go on where they were stopped. Throws
 * `cli/output-exists` where `out` holds a comparison already and `resume` is not set, `cli/interrupted`, and what growing
 * and training throw; training that diverges is a result.
 */
export async function compareMethods(options: CompareOptions): Promise<ComparisonResults> {
  const {
    comparison,
    keepModels = false,
    only = "cells",
    out,
    resume,
    shard,
    ...watchers
  } = options;
  const { reporter, signal } = watchers;
  const opened = await openComparison(comparison, watchers);
  await prepareFolder(out, resume === true);
  const { source } = comparison;
  await writeJson(join(out, COMPARISON_NAME), comparison);
  await writeJson(join(out, TARGET_NAME), opened.target.raw);
  if (typeof source !== "string") await writeJson(join(out, SOURCE_NAME), source.config);
  const mine = opened.cells.filter(
    (_, index) => shard === undefined || index % shard.count === shard.index - 1,
  );
  const finished = finishedCells(out);
  try {
    if (only !== "report")
      await runSources(opened, only === "sources" ? opened.cells : mine, out, watchers);
    if (only === "cells") {
      for (const [index, cell] of mine.entries()) {
        signal?.throwIfAborted();
        if (await finished(cell)) continue;
        reporter.note(`\n[${index + 1}/${mine.length}] ${labelOf(cell)}`);
        const started = performance.now();
        const folders = { folder: out, work: join(out, "work", cell.key), keep: keepModels };
        const result = await runCell(opened, cell, folders, watchers);
        await mkdir(join(out, "cells"), { recursive: true });
        await writeSealed(cellFile(out, cell.key), CELL, { ...result });
        reporter.note(
          `${describeEnd(result)}, ${formatSeconds((performance.now() - started) / 1000)}`,
        );
        await writeResults(opened, out, finished);
      }
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error;
    throw new InterruptedError(
      "cli/interrupted",
      `Interrupted. What is done is kept; run the same with --resume to go on.`,
      { file: out, cause: error },
    );
  }
  return writeResults(opened, out, finished);
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFileAtomically(file, `${JSON.stringify(value, undefined, 2)}\n`);
}

const labelOf = ({ method, seed }: Cell): string => `${method.name}, seed ${seed}`;
const cellFile = (out: string, key: string): string => join(out, "cells", `${key}.json`);

async function prepareFolder(out: string, resume: boolean): Promise<void> {
  await mkdir(out, { recursive: true });
  const names = await readdir(out);
  if (names.length === 0 || resume) return;
  const holds = names.includes(COMPARISON_NAME) ? "a comparison" : "files";
  throw new UsageError(
    "cli/output-exists",
    `${out} holds ${holds} already. ${holds === "files" ? "Choose another --out." : "Go on with it: --resume; or choose another --out."}`,
    { file: out, expected: "a missing or empty folder" },
  );
}

async function runSources(
  opened: OpenedComparison,
  cells: readonly Cell[],
  out: string,
  watchers: ComparisonWatchers,
): Promise<void> {
  const seen = new Set<string>();
  for (const cell of cells) {
    const { source } = cell;
    if (source === undefined || seen.has(source)) continue;
    seen.add(source);
    if (existsSync(join(out, "sources", source, RECORD_NAME))) continue;
    watchers.signal?.throwIfAborted();
    watchers.reporter.note(`\nsource, seed ${cell.seed}`);
    await runSource(opened, { ...cell, source }, out, watchers);
  }
}

type FinishedCell = (cell: Cell) => Promise<CellResult | undefined>;

/** Finds results of cells, those of other parts of the comparison too as they come; each is read once. */
function finishedCells(out: string): FinishedCell {
  const known = new Map<string, CellResult>();
  return async ({ key }) => {
    const file = cellFile(out, key);
    const result =
      known.get(key) ?? (existsSync(file) ? await readSealed<CellResult>(file, CELL) : undefined);
    if (result !== undefined) known.set(key, result);
    return result;
  };
}

function describeEnd({ curve, diverged }: CellResult): string {
  const [start, end] = [curve[0], curve.at(-1)];
  if (diverged !== null || start === undefined || end === undefined) return diverged ?? "";
  return `held-out loss ${start.loss.toFixed(4)} -> ${end.loss.toFixed(4)}`;
}

/** Gathers what is there. */
async function writeResults(
  opened: OpenedComparison,
  out: string,
  finished: FinishedCell,
): Promise<ComparisonResults> {
  const { comparison } = opened;
  const found = await Promise.all(
    opened.cells.map(async (cell) => ({ cell, result: await finished(cell) })),
  );
  const results: ComparisonResults = {
    format: "ligo.comparison",
    format_version: 1,
    title: comparison.title,
    comparison,
    judged_by: opened.judgedBy,
    unit: opened.unit,
    flops_per_step: opened.flopsPerStep,
    counted: opened.counted ?? null,
    sources: await sourceCosts(opened, out),
    cells: found.flatMap(({ result }) => (result === undefined ? [] : [result])),
    missing: found.filter(({ result }) => result === undefined).map(({ cell }) => labelOf(cell)),
    machine: describeMachine(),
    versions: softwareVersions(),
  };
  await writeJson(join(out, RESULTS_NAME), results);
  return results;
}

/** What the sources took: of those that were trained here, and of a given one where its record says so. */
async function sourceCosts(opened: OpenedComparison, out: string): Promise<SourceCost[]> {
  const given = opened.comparison.source;
  const costs: SourceCost[] = [];
  const seen = new Set<number>();
  for (const { seed, source } of opened.cells) {
    const folder = source === undefined ? given : join(out, "sources", source);
    if (typeof folder !== "string" || seen.has(seed)) continue;
    if (!existsSync(join(folder, RECORD_NAME))) continue;
    seen.add(seed);
    const record = await readRecord<TrainingRecord>(folder, [
      "steps",
      "flops",
      "seconds",
      "held_out",
    ]);
    // a checkpoint that was grown says nothing of what its own source took
    if (record.steps === undefined || record.held_out === undefined) continue;
    costs.push({
      key: source ?? "",
      seed,
      steps: record.steps,
      flops: record.flops ?? 0,
      seconds: record.seconds?.["train"] ?? 0,
      loss: record.held_out.loss,
    });
  }
  return costs;
}

/** What is looked for in the record of a trained source. */
interface TrainingRecord {
  readonly steps?: number;
  readonly flops?: number;
  readonly seconds?: Readonly<Record<string, number>>;
  readonly held_out?: { readonly loss: number };
}
