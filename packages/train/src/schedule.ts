/** The learning rate of a step (0 for the first). */
export type Schedule = (step: number) => number;

export const SCHEDULE_NAMES = ["linear", "cosine", "polynomial", "constant"] as const;

/** How the learning rate falls after the warm-up. */
export type ScheduleName = (typeof SCHEDULE_NAMES)[number];

export interface ScheduleOptions {
  readonly peak: number;
  /** Steps over which the rate rises to `peak`. */
  readonly warmup: number;
  /** Step at which the rate has fallen to `end`. */
  readonly steps: number;
  /** Default `linear`. */
  readonly name?: ScheduleName | undefined;
  /** The rate at the end and from then on; no matter to `constant`. Default 0. */
  readonly end?: number | undefined;
  /** Exponent of `polynomial` on the share of steps that are left. Default 1, a line; 2 falls fast at first. */
  readonly power?: number | undefined;
}

/** Share of the way from `peak` to `end` that is left, by the share of steps after the warm-up that are: both from 1 to 0. */
const LEFT: Readonly<Record<ScheduleName, (left: number, power: number) => number>> = {
  linear: (left) => left,
  cosine: (left) => (1 - Math.cos(Math.PI * left)) / 2,
  polynomial: (left, power) => left ** power,
  constant: () => 1,
};

/**
 * Rises linearly to `peak` over `warmup` steps, of which the first already learns, then falls to `end` at `steps`: in a
 * line, along half a cosine wave, by a power of what is left, or not at all.
 */
export function createSchedule(options: ScheduleOptions): Schedule {
  const { end = 0, name = "linear", peak, power = 1, steps, warmup } = options;
  const left = LEFT[name];
  return (step) => {
    if (step >= steps) return name === "constant" ? peak : end;
    if (step < warmup) return (peak * (step + 1)) / warmup;
    return end + (peak - end) * left((steps - step) / (steps - warmup), power);
  };
}

/** {@link createSchedule} without another choice: a line from `peak` to zero at `steps`. */
export function linearSchedule(
  options: Pick<ScheduleOptions, "peak" | "warmup" | "steps">,
): Schedule {
  return createSchedule(options);
}
