import type { CheckedTrainSettings } from "../settings/types.generated.js";

/** Settings of the learning rate of new entries. */
type NewRateSettings = Pick<CheckedTrainSettings, "learningRate" | "newLearningRate" | "newWarmup">;

/** Whether new entries have a rate of their own. */
export const hasNewRate = ({ newLearningRate, newWarmup }: NewRateSettings): boolean =>
  newLearningRate !== undefined || newWarmup !== undefined;

/** Factor on the schedule's rate for new entries, in update `index` (0, 1, ...) of a training. */
export function newRate(
  { learningRate, newLearningRate = learningRate, newWarmup = 1 }: NewRateSettings,
  index: number,
): number {
  return (newLearningRate / learningRate) * Math.min(1, (index + 1) / newWarmup);
}
