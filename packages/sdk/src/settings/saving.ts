import type { CheckedTrainSettings } from "./types.generated.js";

/** Settings of how a run is saved on its way. */
export type SaveSettings = Pick<CheckedTrainSettings, "saveEvery" | "saveMinutes" | "keep">;

/** Checkpoints of a run that stay, and minutes between two of them, unless told otherwise. */
const SAVING = { keep: 2, minutes: 10 } as const;

/** How a run is saved: minutes count where steps are not given. */
export function savingOf({ keep, saveEvery, saveMinutes }: SaveSettings): {
  readonly keep: number;
  readonly saveMinutes: number;
} {
  const minutes = saveEvery === undefined ? SAVING.minutes : 0;
  return { keep: keep ?? SAVING.keep, saveMinutes: saveMinutes ?? minutes };
}
