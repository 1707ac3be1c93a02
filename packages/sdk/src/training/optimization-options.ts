import type {
  DropoutOptions,
  OptimizerOptions,
  Schedule,
  ScheduleName,
  OptimizerName,
} from "@ligo/train";

/** How the numbers that are learned move: options of `ligo train` and `ligo grow` alike. */
export interface OptimizationOptions {
  /** Chance that dropout drops a number, or `config` for the rates of the model's config. */
  readonly dropout?: number | "config" | undefined;
  /** How the learning rate falls after the warm-up. Default `linear`. */
  readonly schedule?: ScheduleName | undefined;
  /** Learning rate at the end of the schedule. Default 0. */
  readonly endLearningRate?: number | undefined;
  /** Of the schedule `polynomial`. Default 1. */
  readonly power?: number | undefined;
  /** Default `adamw`. */
  readonly optimizer?: OptimizerName | undefined;
  /** Decay of the optimiser's moments. Default 0.9 and 0.999. */
  readonly beta1?: number | undefined;
  readonly beta2?: number | undefined;
  /** Added to the root of the second moment. Default 1e-6. */
  readonly epsilon?: number | undefined;
}

export const OPTIMIZATION_DEFAULTS = {
  schedule: "linear",
  endLearningRate: 0,
  power: 1,
  optimizer: "adamw",
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-6,
} as const;

/** The same with nothing left open. */
export type OptimizationSettings = {
  readonly [K in keyof Required<OptimizationOptions>]: NonNullable<OptimizationOptions[K]>;
};

export function optimizationSettings(
  options: OptimizationOptions,
  defaults: Pick<OptimizationSettings, "dropout">,
): OptimizationSettings {
  return {
    dropout: options.dropout ?? defaults.dropout,
    schedule: options.schedule ?? OPTIMIZATION_DEFAULTS.schedule,
    endLearningRate: options.endLearningRate ?? OPTIMIZATION_DEFAULTS.endLearningRate,
    power: options.power ?? OPTIMIZATION_DEFAULTS.power,
    optimizer: options.optimizer ?? OPTIMIZATION_DEFAULTS.optimizer,
    beta1: options.beta1 ?? OPTIMIZATION_DEFAULTS.beta1,
    beta2: options.beta2 ?? OPTIMIZATION_DEFAULTS.beta2,
    epsilon: options.epsilon ?? OPTIMIZATION_DEFAULTS.epsilon,
  };
}

export function optimizerOf(settings: OptimizationSettings): OptimizerOptions {
  const { beta1, beta2, epsilon, optimizer } = settings;
  return { name: optimizer, beta1, beta2, epsilon };
}

export function dropoutOf({ dropout }: OptimizationSettings, seed: number): DropoutOptions {
  return { seed, rate: dropout === "config" ? undefined : dropout };
}

/** What a schedule is made of, beside names. */
interface ScheduledSteps {
  readonly learningRate: number;
  readonly warmup: number;
  readonly steps: number;
}

export async function scheduleOf(
  settings: OptimizationSettings & ScheduledSteps,
): Promise<Schedule> {
  const { createSchedule } = await import("@ligo/train");
  const { endLearningRate, learningRate, power, schedule, steps, warmup } = settings;
  return createSchedule({
    name: schedule,
    peak: learningRate,
    warmup,
    steps,
    end: endLearningRate,
    power,
  });
}
