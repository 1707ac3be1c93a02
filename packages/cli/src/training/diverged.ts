import { UsageError } from "../usage-error.js";

/** Throws `cli/diverged` where a loss is no number any more. */
export function checkLoss(loss: number, step: number): void {
  if (Number.isFinite(loss)) return;
  throw new UsageError(
    "cli/diverged",
    `The loss of step ${step} is ${loss}: training diverged. Nothing was kept. Use a smaller --lr or a longer --warmup.`,
    { expected: "a finite loss", actual: String(loss) },
  );
}
