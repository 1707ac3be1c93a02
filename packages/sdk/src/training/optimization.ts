import type { DropoutOptions, OptimizerOptions, Schedule } from "@ligo/train";
import type { CheckedTrainSettings } from "../settings/types.generated.js";

/** Settings of how the numbers that are learned move. */
export type OptimizationSettings = Pick<
  CheckedTrainSettings,
  | "dropout"
  | "schedule"
  | "endLearningRate"
  | "power"
  | "decaySteps"
  | "decayShape"
  | "optimizer"
  | "beta1"
  | "beta2"
  | "epsilon"
>;

export function optimizerOf(
  settings: Pick<OptimizationSettings, "beta1" | "beta2" | "epsilon" | "optimizer"> &
    Partial<Pick<CheckedTrainSettings, "momentum">>,
): OptimizerOptions {
  const { beta1, beta2, epsilon, momentum, optimizer } = settings;
  return { name: optimizer, beta1, beta2, epsilon, momentum };
}

export function dropoutOf({
  dropout,
  seed,
}: Pick<CheckedTrainSettings, "dropout" | "seed">): DropoutOptions {
  return { seed, rate: dropout === "config" ? undefined : dropout };
}

/** Numbers that a schedule is laid out by. */
interface ScheduledSteps {
  readonly learningRate: number;
  readonly warmup: number;
  readonly steps: number;
}

export async function scheduleOf(
  settings: Pick<
    OptimizationSettings,
    "schedule" | "endLearningRate" | "power" | "decaySteps" | "decayShape"
  > &
    ScheduledSteps,
): Promise<Schedule> {
  const { createSchedule } = await import("@ligo/train");
  const { endLearningRate, learningRate, power, schedule, steps, warmup } = settings;
  const { decayShape, decaySteps } = settings;
  return createSchedule({
    name: schedule,
    peak: learningRate,
    warmup,
    steps,
    end: endLearningRate,
    power,
    // below 1 it is a share
    decay: decaySteps !== undefined && decaySteps < 1 ? Math.round(decaySteps * steps) : decaySteps,
    shape: decayShape,
  });
}
