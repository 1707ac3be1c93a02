import { rm } from "node:fs/promises";
import { join } from "node:path";
import { LigoError, type MethodName } from "@ligo/core";
import { SCRATCH } from "./comparison.js";
import { evaluationsOf, growInFolder, trainInFolder, type GrowthCost } from "./compared-runs.js";
import {
  growthOf,
  sharedOptions,
  type Cell,
  type ComparisonWatchers,
  type OpenedComparison,
} from "./open-comparison.js";
import type { CurvePoint } from "./savings.js";

/** In the folder of a comparison: configs to start from scratch by. */
export const SOURCE_NAME = "source-config.json";
export const TARGET_NAME = "target-config.json";

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
 * Runs a cell in `work`, which is gone afterwards unless `keep`: grows the source, and trains what is grown. A cell that was
 * stopped goes on where it was. Training that diverges is a result.
 */
export async function runCell(
  opened: OpenedComparison,
  cell: Cell,
  folders: { readonly folder: string; readonly work: string; readonly keep: boolean },
  watchers: ComparisonWatchers,
): Promise<CellResult> {
  const { comparison, flopsPerStep } = opened;
  const { key, method, seed, source, training } = cell;
  const { folder, keep, work } = folders;
  const shared = { ...sharedOptions(comparison, watchers), ...opened.beside, seed };
  const start =
    source === undefined ? (comparison.source as string) : join(folder, "sources", source);
  const named = { key, name: method.name, method: method.method, seed };
  let growth: GrowthCost | null = null;
  let checkpoint = join(folder, TARGET_NAME);
  try {
    if (method.method !== SCRATCH) {
      checkpoint = join(work, "grown");
      growth = await growInFolder({
        ...shared,
        ...growthOf(comparison, method),
        checkpoint: start,
        to: comparison.to,
        out: checkpoint,
        // recipes were checked for it
        method: method.method as MethodName,
        evaluate: false,
        dtype: "f32",
      });
    }
    const steps =
      growth === null || comparison.budget === "steps"
        ? training.steps
        : Math.max(1, Math.floor(training.steps - growth.flops / flopsPerStep));
    const trained = join(work, "trained");
    const evaluateEvery = training.evaluateEvery ?? Math.max(1, Math.round(training.steps / 40));
    await trainInFolder({ ...shared, ...training, evaluateEvery, steps, checkpoint, out: trained });
    const evaluations = await evaluationsOf(trained);
    const curve = evaluations.map(
      ({ flops, held_out_loss: loss, seconds, step }): CurvePoint => ({
        step,
        flops: (growth?.flops ?? 0) + flops,
        seconds: (growth?.seconds ?? 0) + seconds,
        loss,
      }),
    );
    if (!keep) await rm(work, { recursive: true, force: true });
    const accuracy = evaluations.at(-1)?.held_out_accuracy ?? null;
    return { ...named, growth, steps, curve, accuracy, diverged: null };
  } catch (error) {
    if (!LigoError.isInstance(error) || error.code !== "cli/diverged") throw error;
    await rm(work, { recursive: true, force: true });
    return { ...named, growth, steps: 0, curve: [], accuracy: null, diverged: error.message };
  }
}
