import { join } from "node:path";
import { LigoError } from "@ligo/core";
import type { CurvePoint } from "@ligo/report";
import type { Cell } from "./cell-keys.js";
import { trainInFolder, type GrowthCost } from "./compared-runs.js";
import { SCRATCH, sharedSettings, SOURCE, SOURCE_AS_TEACHER } from "./comparison.js";
import type { CompareHandles } from "./events.js";
import type { OpenedComparison } from "./open-comparison.js";
import { judgeElsewhere, type OtherLosses } from "./other-data.js";
import { growRow, trainPhases, type CellRun } from "./train-phases.js";

/** In the folder of a comparison: configs to start from scratch by. */
export const SOURCE_NAME = "source-config.json";
export const TARGET_NAME = "target-config.json";

/** Scores of a fine-tuned model, by name. */
export type Scores = Readonly<Record<string, number>>;

/** Result of a method on a seed. */
export interface CellResult {
  readonly key: string;
  readonly name: string;
  readonly method: string;
  readonly seed: number;
  /** Cost of growing; null where nothing was grown. */
  readonly growth: GrowthCost | null;
  /** Training steps. */
  readonly steps: number;
  /** Held-out losses, from right after growth to the end. */
  readonly curve: readonly CurvePoint[];
  /** Share of held-out labels that were predicted, at the end. */
  readonly accuracy: number | null;
  /** Scores of fine-tuned models, by task: `accuracy`, and others that the task has. */
  readonly downstream: Readonly<Record<string, Scores>>;
  /** Losses on other data, by name. */
  readonly evaluation?: Readonly<Record<string, OtherLosses>> | undefined;
  /** Message of a training that diverged; null of one that came to its end. */
  readonly diverged: string | null;
}

/** Folders of a cell. */
export interface CellFolders {
  /** Folder of the comparison. */
  readonly folder: string;
  /** Folder of the cell's runs. */
  readonly work: string;
}

/** Folder of a source that is trained. */
export const sourceFolder = (folder: string, key: string): string => join(folder, "sources", key);

/** Trains the source of a cell, where it is not there yet. */
export async function runSource(
  { comparison }: OpenedComparison,
  { seed, source: key }: Cell & { readonly source: string },
  folder: string,
  handles: CompareHandles,
): Promise<void> {
  const { source } = comparison;
  if (typeof source === "string") throw new Error("Only a source that is made is trained.");
  const settings = {
    ...sharedSettings(comparison),
    ...source.training,
    seed,
    out: sourceFolder(folder, key),
  };
  await trainInFolder(join(folder, SOURCE_NAME), settings, handles);
}

/**
 * Runs a cell in `work`: grows the source, and trains the grown model, in one go or in phases. A cell that was stopped goes on
 * where it was. Training that diverges is a result.
 */
export async function runCell(
  opened: OpenedComparison,
  cell: Cell,
  folders: CellFolders,
  handles: CompareHandles,
): Promise<CellResult> {
  const { key, method, seed } = cell;
  const { work } = folders;
  const named = { key, name: method.name, method: method.method, seed };
  const start = startOf(opened, cell, folders);
  let growth: GrowthCost | null = null;
  try {
    const run = { opened, cell: taughtBy(cell, start), work, handles };
    if (method.method !== SCRATCH && method.method !== SOURCE) {
      growth = await growSource(run, start);
    }
    const from = {
      [SCRATCH]: join(folders.folder, TARGET_NAME),
      [SOURCE]: start,
    }[method.method];
    const begin = from ?? join(work, "grown");
    const { checkpoint, ...trained } = await trainPhases(run, begin, growth);
    const downstream = await fineTune(run, checkpoint);
    // a target from scratch knows nothing that it could forget
    const before = method.method === SCRATCH ? undefined : begin;
    const evaluation = await judgeElsewhere(run, before, checkpoint);
    return { ...named, growth, ...trained, downstream, ...evaluation, diverged: null };
  } catch (error) {
    if (!LigoError.isInstance(error) || error.code !== "run/diverged") throw error;
    const nothing = { steps: 0, curve: [], accuracy: null, downstream: {} };
    return { ...named, growth, ...nothing, diverged: error.message };
  }
}

/** The checkpoint that a cell grows. */
function startOf(
  { comparison }: OpenedComparison,
  { source: key }: Cell,
  { folder }: CellFolders,
): string {
  const { source } = comparison;
  return key === undefined && typeof source === "string" ? source : sourceFolder(folder, key ?? "");
}

/** A cell whose teacher, where that is the source, is named by its folder. */
function taughtBy(cell: Cell, start: string): Cell {
  const { training } = cell;
  if (training.teacher !== SOURCE_AS_TEACHER) return cell;
  return { ...cell, training: { ...training, teacher: start } };
}

function growSource(run: CellRun, start: string): Promise<GrowthCost> {
  const { cell, opened, work } = run;
  return growRow(run, cell.method.method, {
    from: start,
    to: opened.comparison.to,
    out: join(work, "grown"),
  });
}

/** Fine-tunes a model on every task, each from where training left it. */
async function fineTune(
  { cell, handles, opened, work }: CellRun,
  checkpoint: string,
): Promise<CellResult["downstream"]> {
  const { architecture, downstream = [], engine } = opened.comparison;
  const found: [string, Scores][] = [];
  for (const { name, training, ...task } of downstream) {
    const settings = {
      ...training,
      ...task,
      seed: cell.seed,
      architecture,
      engine,
      out: join(work, `downstream-${name}`),
    };
    const { heldOut } = await trainInFolder(checkpoint, settings, handles);
    const { accuracy, scores } = heldOut;
    found.push([name, { ...(accuracy === undefined ? {} : { accuracy }), ...scores }]);
  }
  return Object.fromEntries(found);
}
