import type { StepResult } from "@ligo/train";
import type { StepEvent } from "../events.js";
import type { StepMetrics } from "./metrics-file.js";

/** Facts of an update for whoever watches; a norm that is not finite, of an update that was skipped, is left out. */
export const updateFacts = ({
  gradientNorm,
  loss,
}: StepResult): Pick<StepEvent, "loss" | "gradientNorm"> => ({
  loss,
  ...(Number.isFinite(gradientNorm) ? { gradientNorm } : {}),
});

/** The same facts as metrics hold them, with those of the loss's scale. */
export const updateMetrics = ({
  gradientNorm,
  loss,
  lossScale,
  skippedSteps,
}: StepResult): Pick<StepMetrics, "loss" | "gradient_norm" | "loss_scale" | "skipped"> => ({
  loss,
  ...(Number.isFinite(gradientNorm) ? { gradient_norm: gradientNorm } : {}),
  ...(lossScale === undefined ? {} : { loss_scale: lossScale }),
  ...(skippedSteps === undefined ? {} : { skipped: skippedSteps }),
});
