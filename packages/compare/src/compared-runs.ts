import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  growCheckpoint,
  resumeGrowth,
  type GrowOptions,
  type GrowResult,
  RECORD_NAME,
  readRecord,
  RECIPE_NAME,
  isDone,
  resumeTraining,
  trainCheckpoint,
  type TrainOptions,
  type TrainResult,
  readMetrics,
  type EvaluationMetrics,
} from "@ligo/sdk";

/** What growing took. */
export interface GrowthCost {
  /** Steps of learning; 0 where nothing was learned. */
  readonly steps: number;
  readonly flops: number;
  readonly seconds: number;
}

/** Seconds that are no part of growing: reading data, and judging. */
const APART: ReadonlySet<string> = new Set(["read", "hash", "evaluate"]);

/** Trains, goes on with a training that was stopped, or leaves one that is finished as it is. */
export async function trainInFolder(options: TrainOptions): Promise<TrainResult> {
  const { out, ...rest } = options;
  return existsSync(join(out, RECIPE_NAME)) ? resumeTraining(out, rest) : trainCheckpoint(options);
}

/** The same of a growth. */
export async function growInFolder(options: GrowOptions): Promise<GrowthCost> {
  const { out, ...rest } = options;
  const { flops, seconds } = await grown();
  const spent = Object.entries(seconds).filter(([name]) => !APART.has(name));
  return {
    steps: flops === null ? 0 : (options.steps ?? 0),
    flops: flops ?? 0,
    seconds: spent.reduce((sum, [, value]) => sum + value, 0),
  };

  async function grown(): Promise<Pick<GrowResult, "flops" | "seconds">> {
    if (existsSync(join(out, RECORD_NAME)) && (await isDone(out))) {
      return readRecord<Pick<GrowResult, "flops" | "seconds">>(out, ["flops", "seconds"]);
    }
    return existsSync(join(out, RECIPE_NAME)) ? resumeGrowth(out, rest) : growCheckpoint(options);
  }
}

/** The evaluations of a training, in the order they were made. */
export async function evaluationsOf(folder: string): Promise<readonly EvaluationMetrics[]> {
  const lines = await readMetrics(folder);
  return lines.filter((line): line is EvaluationMetrics => "held_out_loss" in line);
}
