import type { StepResult } from "@ligo/train";
import { UsageError } from "../usage-error.js";

/** No loss that models are trained by comes near it unless they forget all they know: a guess among 10^9 tokens costs 21. */
const EXPLODED = 1e4;

/** A gradient that is not finite even at a scale below has not been scaled too high. */
const SMALLEST_SCALE = 2 ** -13;

/** Throws `run/diverged` where a loss is no number any more or beyond all reason. */
export function checkLoss(loss: number, step: number, isHalf = false): void {
  if (loss < EXPLODED) return;
  throw diverged(`The loss of step ${step}`, `a loss below ${EXPLODED}`, loss, isHalf);
}

/**
 * Throws `run/diverged` where the loss of an update, or the norm of its gradient, is no number any more or beyond all reason.
 * In half precision an update whose gradient is not finite is skipped and the scale halved, until it is too small.
 */
export function checkUpdate(
  { gradientNorm, loss, lossScale }: Pick<StepResult, "gradientNorm" | "loss" | "lossScale">,
  step: number,
): void {
  const isHalf = lossScale !== undefined;
  checkLoss(loss, step, isHalf);
  if (Number.isFinite(gradientNorm) || (isHalf && lossScale >= SMALLEST_SCALE)) return;
  throw diverged(`The norm of the gradient of step ${step}`, "a finite norm", gradientNorm, isHalf);
}

function diverged(name: string, expected: string, value: number, isHalf: boolean): UsageError {
  const half = isHalf
    ? ' Numbers may also be too large for half precision: `precision: "f32"` has room for them.'
    : "";
  return new UsageError(
    "run/diverged",
    `${name} is ${value}: training diverged. Use a smaller \`learningRate\` or a longer \`warmup\`.${half}`,
    { expected, actual: String(value) },
  );
}
