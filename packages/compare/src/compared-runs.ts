import { existsSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { LigoError } from "@ligo/core";
import { removeAside, writeFailure } from "@ligo/checkpoint";
import {
  grow,
  resume,
  train,
  type GrownModel,
  type GrowSettings,
  type TrainedModel,
  type TrainSettings,
} from "@ligo/sdk";
import { readRecord, RECORD_NAME } from "@ligo/sdk/models";
import { readMetrics, RECIPE_NAME, RunError, type EvaluationMetrics } from "@ligo/sdk/runs";
import { growSettings, defaultsOf, learnsOperator } from "@ligo/sdk/settings";
import type { GrowsBy } from "./comparison.js";
import type { CompareHandles } from "./events.js";

/** Cost of a growth. */
export interface GrowthCost {
  /** Steps of learning; 0 where nothing was learned. */
  readonly steps: number;
  readonly flops: number;
  readonly seconds: number;
  /** The method that a probe chose. */
  readonly chosen?: string | undefined;
}

/** Settings of a run in a folder. */
type InFolder<Settings> = Omit<Settings, "out"> & { readonly out: string };

/** Seconds that are no part of growing: reading data, and judging. */
const APART: ReadonlySet<string> = new Set(["read", "hash", "evaluate"]);

/** Seconds that growing took, of those of a growth by what they were spent on. */
export const growthSeconds = (seconds: Readonly<Record<string, number>>): number =>
  Object.entries(seconds).reduce((sum, [name, value]) => sum + (APART.has(name) ? 0 : value), 0);

/** Codes of errors that say that a run cannot be gone on with as it is. */
const DAMAGED: ReadonlySet<string> = new Set([
  "run/damaged-checkpoint",
  "run/damaged-metrics",
  "run/damaged-recipe",
  "sdk/bad-record",
]);

/**
 * Goes on with the run in a folder, or begins one. Whatever is there is the comparison's own and can be made again: what
 * cannot be gone on with, half removed or damaged, is removed, and no more than that.
 */
async function inRunFolder<T>(
  out: string,
  { onEvent }: CompareHandles,
  { begin, goOn }: { readonly begin: () => Promise<T>; readonly goOn: () => Promise<T> },
): Promise<T> {
  while (existsSync(out) && readdirSync(out).length > 0) {
    let unusable = out;
    if (existsSync(join(out, RECIPE_NAME))) {
      try {
        await checkFiles(out);
        return await goOn();
      } catch (error) {
        if (!LigoError.isInstance(error) || !DAMAGED.has(error.code)) throw error;
        unusable = damagedPart(out, error.file ?? out);
      }
    }
    await removeAside(unusable).catch((error: unknown) => {
      throw writeFailure(unusable, error);
    });
    onEvent?.({ type: "warning", code: "leftovers-removed", paths: [unusable] });
  }
  return begin();
}

/** Throws `run/damaged-recipe` where files are missing that a finished run wrote. */
async function checkFiles(out: string): Promise<void> {
  if (!existsSync(join(out, RECORD_NAME))) return;
  const { files = [] } = await readRecord<{ files?: readonly string[] }>(out, ["files"]);
  const missing = files.filter((name) => !existsSync(join(out, name)));
  if (missing.length === 0) return;
  throw new RunError("run/damaged-recipe", `${out} lacks ${missing.join(", ")}.`, { file: out });
}

/** The part of a run to do without: the checkpoint that a file belongs to, as there may be others, else all of it. */
function damagedPart(out: string, file: string): string {
  const [folder, name] = relative(out, file).split(sep);
  return folder === "checkpoints" && name !== undefined ? join(out, folder, name) : out;
}

/** Trains, goes on with a training that was stopped, or reads one that is finished. */
export async function trainInFolder(
  from: string,
  settings: InFolder<TrainSettings>,
  handles: CompareHandles,
): Promise<TrainedModel> {
  const { out, ...rest } = settings;
  return inRunFolder(out, handles, {
    begin: () => train(from, { ...settings, ...handles }),
    // what a folder of trainings holds was trained
    goOn: async () =>
      (await resume(out, { checkpoint: from, ...rest, ...handles })) as TrainedModel,
  });
}

/** Trains in the same way, and returns the evaluations in the order they were made, none of which is missing. */
export async function trainCurve(
  from: string,
  settings: InFolder<TrainSettings> & { readonly steps: number; readonly evaluateEvery: number },
  handles: CompareHandles,
): Promise<readonly EvaluationMetrics[]> {
  const { evaluateEvery, out, steps, ...rest } = settings;
  const curve = (): Promise<readonly EvaluationMetrics[]> =>
    evaluationsOf(out, steps, evaluateEvery);
  return inRunFolder(out, handles, {
    async begin() {
      await train(from, { ...settings, ...handles });
      return curve();
    },
    async goOn() {
      await resume(out, { checkpoint: from, evaluateEvery, steps, ...rest, ...handles });
      return curve();
    },
  });
}

/** Settings of a growth, as its record holds them. */
interface GrowthRecord {
  readonly settings?: { readonly steps?: number };
}

/** Cost of a growth but for its probe, and the probe, where there was one. */
interface RunCost extends GrowthCost {
  readonly probe: GrownModel["probe"];
}

/** Grows in the same way, and tells the cost. */
export async function growInFolder(
  from: string,
  settings: InFolder<GrowSettings>,
  handles: CompareHandles,
): Promise<RunCost> {
  const { out, ...rest } = settings;
  const { flops, method, probe, seconds } = await inRunFolder<GrownModel>(out, handles, {
    begin: () => grow(from, { ...settings, ...handles }),
    // what a folder of growths holds was grown
    goOn: async () => (await resume(out, { checkpoint: from, ...rest, ...handles })) as GrownModel,
  });
  const { settings: recorded } = await readRecord<GrowthRecord>(out, ["settings"]);
  // a probe that chooses to learn says for how long
  const { steps = defaultsOf(growSettings, "steps").steps } = { ...settings, ...recorded };
  const grown = { ...settings, method: method as GrowsBy, data: [settings.data ?? []].flat() };
  return {
    steps: learnsOperator(grown) ? steps : 0,
    flops: flops ?? 0,
    seconds: growthSeconds(seconds),
    probe,
  };
}

/** The evaluations of a training. Throws `run/damaged-metrics` where they are not those that it makes. */
async function evaluationsOf(
  folder: string,
  steps: number,
  every: number,
): Promise<readonly EvaluationMetrics[]> {
  const lines = await readMetrics(folder);
  const found = lines.filter((line): line is EvaluationMetrics => "held_out_loss" in line);
  const expected = Array.from({ length: Math.floor(steps / every) + 1 }, (_, k) => k * every);
  if (steps % every !== 0) expected.push(steps);
  const actual = found.map(({ step }) => step);
  if (expected.join() === actual.join()) return found;
  throw new RunError(
    "run/damaged-metrics",
    `The metrics in ${folder} hold evaluations after ${actual.join(", ")} steps instead of ${expected.join(", ")}.`,
    { file: folder, expected: expected.join(", "), actual: actual.join(", ") },
  );
}
