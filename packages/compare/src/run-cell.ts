import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "@ligo/checkpoint";
import {
  expandLayout,
  isFrozen,
  isOwned,
  LigoError,
  timePhases,
  type FrozenPart,
  type Layout,
  type MethodName,
  type Phase,
} from "@ligo/core";
import { type GrowOptions, targetModel, type ModelSpec, type TrainOptions } from "@ligo/sdk";
import { growthOf, SCRATCH, SOURCE_AS_TEACHER } from "./comparison.js";
import { evaluationsOf, growInFolder, trainInFolder, type GrowthCost } from "./compared-runs.js";
import {
  sharedOptions,
  stepFlops,
  type Cell,
  type ComparisonWatchers,
  type OpenedComparison,
} from "./open-comparison.js";
import type { CurvePoint } from "@ligo/report";

/** In the folder of a comparison: configs to start from scratch by. */
export const SOURCE_NAME = "source-config.json";
export const TARGET_NAME = "target-config.json";

/** Scores of a fine-tuned model, by name. */
export type Scores = Readonly<Record<string, number>>;

/** What came of a method on a seed. */
export interface CellResult {
  readonly key: string;
  readonly name: string;
  readonly method: string;
  readonly seed: number;
  /** What growing took; null where nothing was grown. */
  readonly growth: GrowthCost | null;
  /** Training steps. */
  readonly steps: number;
  /** Held-out losses, from right after growth to the end. */
  readonly curve: readonly CurvePoint[];
  /** Share of held-out labels that were predicted, at the end. */
  readonly accuracy: number | null;
  /** Scores of what it was fine-tuned on, by task: `accuracy`, and what else the task has. */
  readonly downstream: Readonly<Record<string, Scores>>;
  /** Why it has no end: what training said when it diverged. */
  readonly diverged: string | null;
}

/** Trains the source of a cell, where it is not there yet. */
export async function runSource(
  opened: OpenedComparison,
  { seed, source }: Cell & { readonly source: string },
  folder: string,
  watchers: ComparisonWatchers,
): Promise<void> {
  const { comparison } = opened;
  const given = comparison.source;
  if (typeof given === "string") throw new Error("Only a source that is made is trained.");
  const out = join(folder, "sources", source);
  await trainInFolder({
    ...sharedOptions(comparison, watchers),
    ...given.training,
    checkpoint: join(folder, SOURCE_NAME),
    out,
    seed,
  });
}

/**
 * Runs a cell in `work`, which is gone afterwards unless `keep`: grows the source, and trains what is grown, in one go or in
 * phases. A cell that was stopped goes on where it was. Training that diverges is a result.
 */
export async function runCell(
  opened: OpenedComparison,
  cell: Cell,
  folders: CellFolders,
  watchers: ComparisonWatchers,
): Promise<CellResult> {
  const { comparison } = opened;
  const { key, method, seed, source } = cell;
  const { folder, keep, work } = folders;
  const shared = { ...sharedOptions(comparison, watchers), ...opened.beside, seed };
  const start =
    source === undefined ? (comparison.source as string) : join(folder, "sources", source);
  const named = { key, name: method.name, method: method.method, seed };
  let growth: GrowthCost | null = null;
  try {
    if (method.method !== SCRATCH) {
      growth = await growCell(opened, cell, shared, {
        checkpoint: start,
        to: comparison.to,
        out: join(work, "grown"),
        // recipes were checked for it
        method: method.method as MethodName,
      });
    }
    const { teacher } = cell.training;
    const training = {
      ...cell.training,
      ...(teacher === SOURCE_AS_TEACHER ? { teacher: start } : {}),
    };
    const { checkpoint, ...trained } = await trainPhases(
      opened,
      { ...cell, training },
      folders,
      growth,
      shared,
    );
    const downstream = await fineTune(opened, checkpoint, work, { ...watchers, seed });
    if (!keep) await rm(work, { recursive: true, force: true });
    return { ...named, growth, ...trained, downstream, diverged: null };
  } catch (error) {
    if (!LigoError.isInstance(error) || error.code !== "cli/diverged") throw error;
    await rm(work, { recursive: true, force: true });
    const nothing = { steps: 0, curve: [], accuracy: null, downstream: {} };
    return { ...named, growth, ...nothing, diverged: error.message };
  }
}

/** Grows as a row of a comparison does; what comes out is judged when it is trained. */
function growCell(
  { comparison }: OpenedComparison,
  { method }: Pick<Cell, "method">,
  shared: SharedRunOptions,
  place: Pick<GrowOptions, "checkpoint" | "to" | "out" | "method">,
): Promise<GrowthCost> {
  const growth = growthOf(comparison, method);
  return growInFolder({ ...shared, ...growth, ...place, evaluate: false, dtype: "f32" });
}

/** What all runs of a cell share. */
type SharedRunOptions = Omit<TrainOptions, "checkpoint" | "out">;

interface CellFolders {
  /** Of the comparison. */
  readonly folder: string;
  /** Of the cell. */
  readonly work: string;
  readonly keep: boolean;
}

/** A target that is trained alone. */
const ONE_PHASE: readonly Phase[] = [{ config: {}, share: 1 }];

/** Trains what a cell starts from, phase by phase under one schedule. */
async function trainPhases(
  opened: OpenedComparison,
  { method, training }: Cell,
  { folder, work }: CellFolders,
  growth: GrowthCost | null,
  shared: SharedRunOptions,
): Promise<Pick<CellResult, "steps" | "curve" | "accuracy"> & { readonly checkpoint: string }> {
  const { target } = opened;
  const phases = method.phases ?? ONE_PHASE;
  const models = await Promise.all(
    phases.map(({ config }) => targetModel({ ...target.raw, ...config }, target, shared)),
  );
  const spent = { flops: growth?.flops ?? 0, seconds: growth?.seconds ?? 0 };
  const steps = affordableSteps(opened, models, phases, training, spent.flops);
  const evaluateEvery = training.evaluateEvery ?? Math.max(1, Math.round(training.steps / 40));
  const curve: CurvePoint[] = [];
  let accuracy: number | null = null;
  let checkpoint = growth === null ? join(folder, TARGET_NAME) : join(work, "grown");
  for (const [index, phase] of timePhases(phases, steps).entries()) {
    const model = models[index] as ModelSpec;
    if (index === 0 && growth === null && Object.keys(phase.config).length > 0) {
      checkpoint = join(work, "first-config.json");
      await mkdir(work, { recursive: true });
      await writeFileAtomically(checkpoint, JSON.stringify(model.raw));
    }
    if (phase.method !== undefined) {
      const out = join(work, `grown-${index}`);
      const place = { checkpoint, to: model.raw, out, method: phase.method };
      const { flops, seconds } = await growCell(opened, { method }, shared, place);
      spent.flops += flops;
      spent.seconds += seconds;
      checkpoint = out;
    }
    const out = join(work, index === 0 ? "trained" : `trained-${index}`);
    await trainInFolder({
      ...shared,
      ...training,
      ...(phase.frozen === undefined ? {} : { freeze: frozenNames(model.layout, phase.frozen) }),
      ...(phases.length === 1 ? {} : { stepsBefore: phase.from, scheduleSteps: steps }),
      checkpoint,
      evaluateEvery,
      out,
      steps: phase.to - phase.from,
    });
    const evaluations = await evaluationsOf(out);
    for (const { flops, held_out_loss: loss, seconds, step } of evaluations) {
      curve.push({
        step: phase.from + step,
        flops: spent.flops + flops,
        seconds: spent.seconds + seconds,
        loss,
      });
    }
    const last = evaluations.at(-1);
    spent.flops += last?.flops ?? 0;
    spent.seconds += last?.seconds ?? 0;
    accuracy = last?.held_out_accuracy ?? null;
    checkpoint = out;
  }
  return { steps, curve, accuracy, checkpoint };
}

/** Fine-tunes a model on every task, each from where training left it. */
async function fineTune(
  { comparison }: OpenedComparison,
  checkpoint: string,
  work: string,
  options: ComparisonWatchers & { readonly seed: number },
): Promise<CellResult["downstream"]> {
  const found: [string, Scores][] = [];
  for (const { name, training, ...task } of comparison.downstream ?? []) {
    const { held_out: judged } = await trainInFolder({
      ...options,
      ...training,
      ...task,
      // epochs and steps exclude each other
      ...(task.epochs === undefined ? {} : { steps: undefined }),
      architecture: comparison.architecture,
      engine: sharedOptions(comparison, options).engine,
      checkpoint,
      out: join(work, `downstream-${name}`),
    });
    const { accuracy, scores } = judged;
    found.push([name, { ...(accuracy === undefined ? {} : { accuracy }), ...scores }]);
  }
  return Object.fromEntries(found);
}

/**
 * Steps of all phases that the budget has room for. What is frozen is counted as if it were trained: its phases then spend less
 * than they could. A teacher is counted as the source.
 */
function affordableSteps(
  opened: OpenedComparison,
  models: readonly ModelSpec[],
  phases: readonly Phase[],
  { steps, teacher, teacherSteps }: Cell["training"],
  growthFlops: number,
): number {
  if (opened.comparison.budget === "steps") return steps;
  const perStep = phases.reduce(
    (sum, { share }, index) =>
      sum + share * stepFlops(opened.comparison, opened.work, models[index] as ModelSpec),
    0,
  );
  // a forward pass, a third of a training step
  const lesson = teacher === undefined ? 0 : opened.sourceFlopsPerStep / 3;
  const taught = lesson * Math.min(steps, teacherSteps ?? steps);
  const left = steps * opened.flopsPerStep - growthFlops - taught;
  // a rounding error is no step less
  return Math.max(1, Math.floor(left / perStep + 1e-6));
}

function frozenNames(layout: Layout, part: FrozenPart): string[] {
  return expandLayout(layout)
    .filter((tensor) => isOwned(tensor.parameter) && isFrozen(layout, tensor, part))
    .map(({ name }) => name);
}
