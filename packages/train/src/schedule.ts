/** The learning rate of a step (0 for the first). */
export type Schedule = (step: number) => number;

export const SCHEDULE_NAMES = ["linear", "cosine", "polynomial", "constant", "wsd"] as const;

/** How the learning rate falls after the warm-up; `wsd`: it stays at its peak, and falls at the end. */
export type ScheduleName = (typeof SCHEDULE_NAMES)[number];

export const DECAY_SHAPES = ["1-sqrt", "linear", "cosine"] as const;

/** How the learning rate of `wsd` falls. */
export type DecayShape = (typeof DECAY_SHAPES)[number];

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
  /** Last steps of `wsd` over which the rate falls; at most those after the warm-up. Default a fifth of `steps`, rounded. */
  readonly decay?: number | undefined;
  /** How the rate of `wsd` falls. Default `1-sqrt`. */
  readonly shape?: DecayShape | undefined;
}

/** Share of the way from `peak` to `end` that is left, by the share of the falling steps that are: both from 1 to 0. */
type Left = (left: number) => number;

const SHAPES: Readonly<Record<DecayShape, Left>> = {
  linear: (left) => left,
  cosine: (left) => (1 - Math.cos(Math.PI * left)) / 2,
  "1-sqrt": (left) => 1 - Math.sqrt(1 - left),
};

function leftOf({
  name = "linear",
  power = 1,
  shape = "1-sqrt",
}: Pick<ScheduleOptions, "name" | "power" | "shape">): Left {
  if (name === "polynomial") return (left) => left ** power;
  if (name === "constant") return () => 1;
  return SHAPES[name === "wsd" ? shape : name];
}

/** Share of the steps of `wsd` over which the rate falls: Hägele et al., 2024, need a fifth at most. */
const DECAY_SHARE = 0.2;

/**
 * Rises linearly to `peak` over `warmup` steps, of which the first already learns, then falls to `end` at `steps`: in a
 * line, along half a cosine wave, by a power of what is left, or not at all. `wsd` (warm-up, stable, decay; Hu et al., 2024,
 * arXiv:2404.06395) stays at the peak until the last `decay` steps, over which the rate falls by default as 1 - sqrt of the share
 * of them that is done (Hägele et al., 2024, arXiv:2405.18392).
 */
export function createSchedule(options: ScheduleOptions): Schedule {
  const { decay, end = 0, name = "linear", peak, steps, warmup } = options;
  const falling = name === "wsd" ? (decay ?? Math.round(DECAY_SHARE * steps)) : steps;
  const from = Math.max(warmup, steps - falling);
  const left = leftOf(options);
  return (step) => {
    if (step >= steps) return name === "constant" ? peak : end;
    if (step < warmup) return (peak * (step + 1)) / warmup;
    if (step < from) return peak;
    return end + (peak - end) * left((steps - step) / (steps - from));
  };
}

/** {@link createSchedule} without another choice: a line from `peak` to zero at `steps`. */
export function linearSchedule(
  options: Pick<ScheduleOptions, "peak" | "warmup" | "steps">,
): Schedule {
  return createSchedule(options);
}
