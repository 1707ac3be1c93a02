/**
 * Scales of an experiment. `paper`: the configurations and schedules of the paper. A cell of `small` takes two cores a day, of
 * `midi` twenty minutes, of `mini` two: growth factors, decay and the shape of the schedule stay, sizes, steps and batches
 * do not.
 */
export const SCALES = ["mini", "midi", "small", "paper"] as const;
export type Scale = (typeof SCALES)[number];
