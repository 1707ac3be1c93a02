import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  grow,
  resume,
  train,
  type GrowSettings,
  type TrainedModel,
  type TrainSettings,
} from "@ligo/sdk";
import { readMetrics, RECIPE_NAME, type EvaluationMetrics } from "@ligo/sdk/runs";
import { growSettings, defaultsOf } from "@ligo/sdk/settings";
import type { CompareHandles } from "./events.js";

/** Cost of a growth. */
export interface GrowthCost {
  /** Steps of learning; 0 where nothing was learned. */
  readonly steps: number;
  readonly flops: number;
  readonly seconds: number;
}

/** Settings of a run in a folder. */
type InFolder<Settings> = Omit<Settings, "out"> & { readonly out: string };

/** Seconds that are no part of growing: reading data, and judging. */
const APART: ReadonlySet<string> = new Set(["read", "hash", "evaluate"]);

const isBegun = (folder: string): boolean => existsSync(join(folder, RECIPE_NAME));

/** Trains, goes on with a training that was stopped, or reads one that is finished. */
export async function trainInFolder(
  from: string,
  settings: InFolder<TrainSettings>,
  handles: CompareHandles,
): Promise<TrainedModel> {
  const { out, ...rest } = settings;
  if (!isBegun(out)) return train(from, { ...settings, ...handles });
  // what a folder of trainings holds was trained
  return (await resume(out, { checkpoint: from, ...rest, ...handles })) as TrainedModel;
}

/** Grows in the same way, and tells the cost. */
export async function growInFolder(
  from: string,
  settings: InFolder<GrowSettings>,
  handles: CompareHandles,
): Promise<GrowthCost> {
  const { out, ...rest } = settings;
  const { flops, seconds } = isBegun(out)
    ? await resume(out, { checkpoint: from, ...rest, ...handles })
    : await grow(from, { ...settings, ...handles });
  const spent = Object.entries(seconds).filter(([name]) => !APART.has(name));
  const { steps = defaultsOf(growSettings, "steps").steps } = settings;
  return {
    steps: settings.data === undefined ? 0 : steps,
    flops: flops ?? 0,
    seconds: spent.reduce((sum, [, value]) => sum + value, 0),
  };
}

/** The evaluations of a training, in the order they were made. */
export async function evaluationsOf(folder: string): Promise<readonly EvaluationMetrics[]> {
  const lines = await readMetrics(folder);
  return lines.filter((line): line is EvaluationMetrics => "held_out_loss" in line);
}
