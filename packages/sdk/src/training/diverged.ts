import { UsageError } from "../usage-error.js";

/** No loss that models are trained by comes near it unless they forget all they know: a guess among 10^9 tokens costs 21. */
const EXPLODED = 1e4;

/** Throws `run/diverged` where a loss, or the norm of its gradient, is no number any more or beyond all reason. */
export function checkLoss(loss: number, step: number, gradientNorm: number = 0): void {
  if (loss < EXPLODED && Number.isFinite(gradientNorm)) return;
  const actual = loss < EXPLODED ? `the norm ${gradientNorm} of its gradient` : String(loss);
  throw new UsageError(
    "run/diverged",
    `The loss of step ${step} is ${actual}: training diverged. Use a smaller \`learningRate\` or a longer \`warmup\`.`,
    { expected: `a loss below ${EXPLODED}`, actual },
  );
}
