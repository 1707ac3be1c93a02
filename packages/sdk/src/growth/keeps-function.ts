import type { Architecture, KeptFunction, Method, Plan } from "@ligo/core";
import { startMethod } from "@ligo/core/methods";
import type { RowGrowth } from "@ligo/core/stream";
import { configReasons } from "./config-reasons.js";
import type { Growth } from "./open-growth.js";

/** How the operator of a growth came about. */
export interface OperatorOrigin {
  readonly method: Method;
  /** Options of the method. */
  readonly options: object;
  /** Whether it was learned. */
  readonly isLearned: boolean;
  /** Whether it is that of a file. */
  readonly isGiven: boolean;
  /** The operator's, where it has one. */
  readonly normEpsilonScale?: number | undefined;
}

/** Whether a growth keeps the source's function up to rounding, and if not, why. */
export function functionKept(
  { base, plan, rows, target }: Growth,
  { isGiven, isLearned, method, normEpsilonScale, options }: OperatorOrigin,
): KeptFunction {
  const { architecture, config } = target;
  const reasons = configReasons(base.spec.config, config, architecture, normEpsilonScale);
  reasons.push(...rows.flatMap(rowReasons));
  if (isGiven) {
    reasons.push("its operator is that of a file: `verify` measures what that keeps");
  } else {
    const kept =
      isLearned || method.learns === false
        ? method.keepsFunction(plan, target.architecture, options)
        : startKept({ method, options }, plan, target.architecture);
    if (!kept.kept) reasons.push(...kept.reasons);
  }
  return reasons.length === 0 ? { kept: true } : { kept: false, reasons };
}

/** Rows that change what the model makes of inputs that the source takes. New tokens do not: logits of old ones stay. */
function rowReasons({ now, start }: RowGrowth): readonly string[] {
  if (start !== "interpolate") return [];
  return now.rows.of === "patches"
    ? [`positions are interpolated to ${now.rows.grid.join(" x ")} patches`]
    : ["positions are interpolated, so that old ones move"];
}

/** The start of a method that learns, as it is: of the method that `start` names, or its own. */
function startKept(
  { method, options }: Pick<OperatorOrigin, "method" | "options">,
  plan: Plan,
  architecture: Architecture,
): KeptFunction {
  return (
    startMethod(options)?.keepsFunction(plan, architecture, options) ??
    method.startKeepsFunction?.(plan, architecture, options) ?? {
      kept: false,
      reasons: [`the start of ${method.name} mixes units or layers`],
    }
  );
}
