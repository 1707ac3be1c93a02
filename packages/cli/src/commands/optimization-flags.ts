import type { OptimizationOptions } from "@ligo/sdk";

/** Flags of how the numbers that are learned move. */
export interface OptimizationFlags {
  readonly dropout: NonNullable<OptimizationOptions["dropout"]>;
  readonly schedule: NonNullable<OptimizationOptions["schedule"]>;
  readonly endLr: number;
  readonly power: number;
  readonly optimizer: NonNullable<OptimizationOptions["optimizer"]>;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** The options that such flags stand for. */
export function optimizationOptions(flags: Partial<OptimizationFlags>): OptimizationOptions {
  const { beta1, beta2, dropout, endLr, epsilon, optimizer, power, schedule } = flags;
  return { beta1, beta2, dropout, endLearningRate: endLr, epsilon, optimizer, power, schedule };
}
