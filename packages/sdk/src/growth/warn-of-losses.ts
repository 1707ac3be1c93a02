import type { Method } from "@ligo/core";
import type { Context } from "../context.js";
import type { GrowthLosses } from "./growth-losses.js";
import type { Growth } from "./open-growth.js";
import { candidatesOf } from "./probe/candidates.js";

/** Loss that a grown model may start above its source before that is worth a warning: more than half-trained sources lose. */
const FAR = 0.5;

/** A rise of the loss that rounding does not explain. */
const RISE = 1e-3;

/** Warns where learning ended above its start, and where the grown model starts far above its source. */
export function warnOfLosses(
  { grown, small, start }: GrowthLosses,
  {
    growth,
    isLearned,
    method,
  }: { readonly growth: Growth; readonly isLearned: boolean; readonly method: Method },
  { emit }: Pick<Context, "emit">,
): void {
  if (grown === undefined) return;
  if (isLearned && start !== undefined && grown > start + RISE)
    emit({ type: "warning", code: "learning-ended-above", start, learned: grown });
  if (small === undefined || grown <= small + FAR) return;
  const { keeper: instead } = candidatesOf(growth.plan, growth.target.architecture);
  emit({
    type: "warning",
    code: "starts-above-source",
    source: small,
    grown,
    method: method.name,
    instead,
  });
}
