import type { MethodName } from "@ligo/core";
import type { ProbedStart } from "./facts.js";

/** A choice between starts, and the reason in words. */
export interface ChosenStart {
  readonly method: MethodName;
  readonly because: string;
  /** Whether a longer look would hardly choose otherwise. */
  readonly settled: boolean;
}

/**
 * Loss that a start may stand above the lowest one and still be taken. Starts that disturb the function of a half-trained source come
 * within 0.03 of it in the first twentieth of the training that follows, and end lower; those of a finished Llama are
 * 3 to 5 above it then, and stay above.
 */
export const TOLERANCE = 0.1;

/** Loss that a start may stand above the lowest one and still come near it: what ruins a finished source is further away. */
const HOPELESS = 1;

/** Loss that the start is judged by: after the probe's training where there was some. */
export const standing = ({ loss, trained }: ProbedStart): number => trained ?? loss;

/**
 * Chooses between probed starts: the first, in order of preference, that stands at most {@link TOLERANCE} above the lowest. What
 * trains on best from a half-trained source is preferred to what keeps the function; the loss right after growth does not tell which
 * ends lower, but a start that is far above another has no time to make up for it.
 *
 * @param starts in order of preference, at least one
 */
export function chooseStart(starts: readonly ProbedStart[], steps: number): ChosenStart {
  const lowest = starts.reduce((best, one) => (standing(one) < standing(best) ? one : best));
  const taken = starts.find((one) => standing(one) <= standing(lowest) + TOLERANCE) ?? lowest;
  const when = steps === 0 ? "before any training" : `after ${steps} steps of training`;
  const passed = starts.slice(0, starts.indexOf(taken));
  const distance = (one: ProbedStart): number => standing(one) - standing(lowest);
  const above = passed.map((one) => `${one.method} stands ${distance(one).toFixed(2)} above it`);
  const because =
    above.length > 0
      ? `${when} ${above.join(" and ")}`
      : taken === lowest
        ? `it stands lowest ${when}`
        : `it stands within ${TOLERANCE} of ${lowest.method} ${when}, and trains on better where the source is not at its end`;
  return {
    method: taken.method,
    because,
    settled: passed.every((one) => distance(one) > HOPELESS),
  };
}
