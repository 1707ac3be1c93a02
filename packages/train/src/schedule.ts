/** The learning rate of a step (0 for the first). */
export type Schedule = (step: number) => number;

export interface LinearScheduleOptions {
  readonly peak: number;
  /** Steps over which the rate rises to `peak`. */
  readonly warmup: number;
  /** Step at which the rate has fallen to zero. */
  readonly steps: number;
}

/** Rises linearly to `peak` over `warmup` steps, then falls linearly to zero at `steps`. */
export function linearSchedule({ peak, warmup, steps }: LinearScheduleOptions): Schedule {
  return (step) => {
    if (step >= steps) return 0;
    if (step < warmup) return (peak * (step + 1)) / warmup;
    return (peak * (steps - step)) / (steps - warmup);
  };
}
