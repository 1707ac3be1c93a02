import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "@ligo/checkpoint";
import type { Layout } from "@ligo/core";
import { expandLayout, isOwned } from "@ligo/core/layout";
import {
  isFrozen,
  timePhases,
  type FrozenPart,
  type Phase,
  type TimedPhase,
} from "@ligo/core/methods";
import type { CurvePoint } from "@ligo/report";
import { targetModel, type ModelSpec } from "@ligo/sdk/models";
import type { TrainSettings } from "@ligo/sdk";
import type { Cell } from "./cell-keys.js";
import { growInFolder, trainCurve, type GrowthCost } from "./compared-runs.js";
import {
  AUTO,
  budgetOf,
  sharedSettings,
  SOURCE,
  type Comparison,
  type GrowsBy,
} from "./comparison.js";
import type { CompareHandles } from "./events.js";
import { growthBy } from "./growth-settings.js";
import { stepFlops, type OpenedComparison } from "./open-comparison.js";

/** A cell that is run. */
export interface CellRun {
  readonly opened: OpenedComparison;
  readonly cell: Cell;
  /** Folder of the cell's runs. */
  readonly work: string;
  readonly handles: CompareHandles;
}

/** A growth of a cell. */
interface GrowthPlace {
  readonly from: string;
  readonly to: Comparison["to"];
  readonly out: string;
}

/** Result of the training of a cell. */
export interface PhasesResult {
  readonly steps: number;
  readonly curve: readonly CurvePoint[];
  readonly accuracy: number | null;
  /** Folder of the trained model. */
  readonly checkpoint: string;
}

/** One size that is trained alone: the target, or the source. */
const ONE_PHASE: readonly Phase[] = [{ config: {}, share: 1 }];

/** Grows as a row of a comparison does; the grown model is judged when it is trained. */
export async function growRow(
  { cell, handles, opened }: CellRun,
  method: string,
  { from, ...place }: GrowthPlace,
): Promise<GrowthCost> {
  const { comparison, flopsPerStep, unitsPerStep } = opened;
  // recipes were checked for the method
  const { settings } = growthBy(comparison, cell.method, method as GrowsBy);
  const beside = settings.data === undefined ? {} : opened.beside;
  const budget = method === AUTO ? { budget: cell.training.steps * unitsPerStep } : {};
  const { probe, ...cost } = await growInFolder(
    from,
    { ...settings, ...beside, ...budget, ...place, seed: cell.seed },
    handles,
  );
  if (probe === undefined) return cost;
  const flops = cost.flops + (probe.cost / unitsPerStep) * flopsPerStep;
  return { ...cost, flops, chosen: probe.chosen };
}

/**
 * Trains a cell's model, phase by phase under one schedule.
 *
 * @param start checkpoint, or config of the target
 */
export async function trainPhases(
  run: CellRun,
  start: string,
  growth: GrowthCost | null,
): Promise<PhasesResult> {
  const { cell, opened, work } = run;
  const phases = cell.method.phases ?? ONE_PHASE;
  const models = await modelsOf(run, phases);
  const spent = { flops: growth?.flops ?? 0, seconds: growth?.seconds ?? 0 };
  const steps = affordableSteps(opened, models, phases, cell, spent.flops);
  const curve: CurvePoint[] = [];
  let accuracy: number | null = null;
  let checkpoint = start;
  for (const [index, phase] of timePhases(phases, steps).entries()) {
    const model = models[index] as ModelSpec;
    if (index === 0 && growth === null && Object.keys(phase.config).length > 0) {
      checkpoint = await writeConfig(work, model);
    }
    if (phase.method !== undefined) {
      const out = join(work, `grown-${index}`);
      const place = { from: checkpoint, to: model.raw, out };
      const { flops, seconds } = await growRow(run, phase.method, place);
      spent.flops += flops;
      spent.seconds += seconds;
      checkpoint = out;
    }
    const out = join(work, index === 0 ? "trained" : `trained-${index}`);
    const settings = { ...phaseSettings(run, phase, model, steps), out };
    const evaluations = await trainCurve(checkpoint, settings, run.handles);
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

/** Models that are trained, phase by phase. */
async function modelsOf(
  { cell, handles, opened }: CellRun,
  phases: readonly Phase[],
): Promise<readonly ModelSpec[]> {
  if (cell.method.method === SOURCE) return [opened.source];
  return Promise.all(phases.map(({ config }) => targetModel(config, opened.target, handles)));
}

async function writeConfig(work: string, { raw }: ModelSpec): Promise<string> {
  const file = join(work, "first-config.json");
  await mkdir(work, { recursive: true });
  await writeFileAtomically(file, JSON.stringify(raw));
  return file;
}

/** Evaluations of a training that are not asked for otherwise. */
const EVALUATIONS = 40;

/** Steps between evaluations that are not given. */
export const evaluatesEvery = (steps: number): number =>
  Math.max(1, Math.round(steps / EVALUATIONS));

/** Settings of the training of a phase; `steps` are those of all phases. */
function phaseSettings(
  { cell, opened }: CellRun,
  phase: TimedPhase,
  { layout }: ModelSpec,
  steps: number,
): TrainSettings & { readonly steps: number; readonly evaluateEvery: number } {
  const { method, seed, training } = cell;
  const isPart = method.phases !== undefined && method.phases.length > 1;
  return {
    ...sharedSettings(opened.comparison),
    ...opened.beside,
    ...training,
    ...(phase.frozen === undefined ? {} : { freeze: frozenNames(layout, phase.frozen) }),
    ...(isPart ? { stepsBefore: phase.from, scheduleSteps: steps } : {}),
    evaluateEvery: training.evaluateEvery ?? evaluatesEvery(training.steps),
    steps: phase.to - phase.from,
    seed,
  };
}

/**
 * Steps of all phases that the budget has room for. Frozen layers are counted as if they were trained: their phases then
 * spend less than they could. A teacher is counted as the source.
 */
function affordableSteps(
  opened: OpenedComparison,
  models: readonly ModelSpec[],
  phases: readonly Phase[],
  { method, training }: Cell,
  growthFlops: number,
): number {
  const { accumulate, steps, teacher, teacherSteps } = training;
  if (budgetOf(opened.comparison, method) === "steps") return steps;
  const perStep = phases.reduce(
    (sum, { share }, index) =>
      sum + share * stepFlops(training, opened.work, models[index] as ModelSpec),
    0,
  );
  // a forward pass, a third of a training step
  const lesson =
    teacher === undefined ? 0 : stepFlops({ accumulate }, opened.work, opened.source) / 3;
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
