import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomically } from "@ligo/checkpoint";
import { modelSize } from "@ligo/core/cost";
import type { ModelSize } from "@ligo/report";
import { describeMachine, readRecord, RECORD_NAME, softwareVersions } from "@ligo/sdk/models";
import type { CellStore } from "./cell-store.js";
import type { Comparison } from "./comparison.js";
import type { CountedSizes, OpenedComparison } from "./open-comparison.js";
import { sourceFolder, type CellResult } from "./run-cell.js";
import {
  atChosenRates,
  chosenRates,
  tuningRuns,
  type ChosenRates,
  type TuningRun,
} from "./tuning.js";

export const RESULTS_NAME = "results.json";

/** Cost of training a source. */
export interface SourceCost {
  readonly key: string;
  readonly seed: number;
  readonly steps: number;
  readonly flops: number;
  readonly seconds: number;
  readonly loss: number;
}

/** Sizes of the source and the target. */
export interface ComparedSizes {
  readonly source: ModelSize;
  readonly target: ModelSize;
}

/** A cell without a result. */
export interface PendingCell {
  readonly key: string;
  readonly name: string;
  readonly seed: number;
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
  /** The same of the source; missing in results of earlier versions. */
  readonly source_flops_per_step?: number | undefined;
  /** Sizes of both models; missing in results of earlier versions. */
  readonly sizes?: ComparedSizes | undefined;
  /** Sizes that the paper's FLOP counter counts by; null of models that are no language models. */
  readonly counted: CountedSizes | null;
  readonly sources: readonly SourceCost[];
  /** Runs that rates are chosen by, and the rates; where the comparison chooses them. */
  readonly tuning?: readonly TuningRun[] | undefined;
  readonly rates?: ChosenRates | undefined;
  readonly cells: readonly CellResult[];
  /** Cells that were not run yet: `<method>, seed <n>`. */
  readonly missing: readonly string[];
  /** The same by the keys that their folders in `work` are named by; missing in results of earlier versions. */
  readonly pending?: readonly PendingCell[] | undefined;
  readonly machine: string;
  /** Other machines that cells were run on, where results of theirs were given. */
  readonly machines?: readonly string[] | undefined;
  readonly versions: Readonly<Record<string, string>>;
}

/** Results of a comparison from elsewhere, as far as another one takes them over. */
export type KnownResults = Pick<
  ComparisonResults,
  "cells" | "sources" | "tuning" | "machine" | "machines"
>;

export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFileAtomically(file, `${JSON.stringify(value, undefined, 2)}\n`);
}

/** Gathers the results that are there, and writes them. */
export async function writeResults(
  opened: OpenedComparison,
  out: string,
  { known, store }: { readonly known: readonly KnownResults[]; readonly store: CellStore },
): Promise<ComparisonResults> {
  const { comparison } = opened;
  const tuning = await tuningRuns(opened, store);
  const rates = chosenRates(comparison, tuning);
  const found = await Promise.all(
    atChosenRates(opened, rates).cells.map(async (cell) => ({
      cell,
      result: await store.read(cell),
    })),
  );
  // a cell that stands for several is named as this comparison names it
  const cells = found.flatMap(({ cell: { method }, result }) =>
    result === undefined ? [] : [{ ...result, name: method.name }],
  );
  const results: ComparisonResults = {
    format: "ligo.comparison",
    format_version: 1,
    title: comparison.title,
    comparison,
    judged_by: opened.judgedBy,
    unit: opened.unit,
    flops_per_step: opened.flopsPerStep,
    sizes: { source: modelSize(opened.source.layout), target: modelSize(opened.target.layout) },
    counted: opened.counted ?? null,
    source_flops_per_step: opened.sourceFlopsPerStep,
    sources: await sourceCosts(opened, out, known),
    ...(opened.tuning === undefined ? {} : { tuning, rates }),
    cells,
    missing: missingRuns(comparison, cells),
    pending: found.flatMap(({ cell: { key, method, seed }, result }) =>
      result === undefined ? [{ key, name: method.name, seed }] : [],
    ),
    machine: describeMachine(),
    ...machinesElsewhere(known),
    versions: softwareVersions(),
  };
  await writeJson(join(out, RESULTS_NAME), results);
  return results;
}

/** Machines of results from elsewhere, each once. */
function machinesElsewhere(known: readonly KnownResults[]): Pick<ComparisonResults, "machines"> {
  const machines = known.flatMap(({ machine, machines: others = [] }) => [...others, machine]);
  return machines.length === 0 ? {} : { machines: [...new Set(machines)] };
}

/** Rows and seeds without a result: `<method>, seed <n>`. */
function missingRuns(
  { methods, seeds }: Comparison,
  cells: readonly CellResult[],
): readonly string[] {
  const done = new Set(cells.map(({ name, seed }) => runName(name, seed)));
  return seeds
    .flatMap((seed) => methods.map(({ name }) => runName(name, seed)))
    .filter((name) => !done.has(name));
}

const runName = (name: string, seed: number): string => `${name}, seed ${seed}`;

/** Costs of the sources: of those that were trained here or elsewhere, and of a given one where its record says so. */
async function sourceCosts(
  { cells, comparison }: OpenedComparison,
  out: string,
  known: readonly KnownResults[],
): Promise<SourceCost[]> {
  const costs: SourceCost[] = [];
  const seen = new Set<number>();
  const elsewhere = new Map(known.flatMap(({ sources }) => sources.map((one) => [one.key, one])));
  for (const { seed, source } of cells) {
    if (seen.has(seed)) continue;
    const cost = source === undefined ? undefined : elsewhere.get(source);
    if (cost !== undefined) {
      seen.add(seed);
      costs.push(cost);
      continue;
    }
    const folder = source === undefined ? comparison.source : sourceFolder(out, source);
    if (typeof folder !== "string") continue;
    if (!existsSync(join(folder, RECORD_NAME))) continue;
    seen.add(seed);
    const keys = ["steps", "flops", "seconds", "held_out"] as const;
    const record = await readRecord<TrainingRecord>(folder, keys);
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

/** Facts that are looked for in the record of a trained source. */
interface TrainingRecord {
  readonly steps?: number;
  readonly flops?: number;
  readonly seconds?: Readonly<Record<string, number>>;
  readonly held_out?: { readonly loss: number };
}
