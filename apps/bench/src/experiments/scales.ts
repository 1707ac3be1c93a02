/**
 * Scales of an experiment. `paper`: the configurations and schedules of the paper. `small` takes two cores a day, `mini`
 * minutes: growth factors, decay and the shape of the schedule stay, sizes, steps and batches do not.
 */
export const SCALES = ["mini", "small", "paper"] as const;
export type Scale = (typeof SCALES)[number];
