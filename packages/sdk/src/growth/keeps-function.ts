import type { Architecture, KeptFunction, Method, Plan } from "@ligo/core";
import { configReasons } from "./config-reasons.js";
import type { Growth } from "./open-growth.js";

/** How the operator of a growth came about. */
export interface OperatorOrigin {
  readonly method: Method;
  /** Whether it was learned. */
  readonly isLearned: boolean;
  /** Whether it is that of a file. */
  readonly isGiven: boolean;
  /** The operator's, where it has one. */
  readonly normEpsilonScale?: number | undefined;
}

/** Whether a growth keeps the source's function up to rounding, and if not, why. */
export function functionKept(
  { plan, source, target }: Growth,
  { isGiven, isLearned, method, normEpsilonScale }: OperatorOrigin,
): KeptFunction {
  const { architecture, config } = target;
  const reasons = configReasons(source.spec.config, config, architecture, normEpsilonScale);
  if (isGiven) {
    reasons.push("its operator is that of a file: `verify` measures what that keeps");
  } else {
    const kept =
      isLearned || method.learns === false
        ? method.keepsFunction(plan, target.architecture)
        : startKept(method, plan, target.architecture);
    if (!kept.kept) reasons.push(...kept.reasons);
  }
  return reasons.length === 0 ? { kept: true } : { kept: false, reasons };
}

/** The start of a method that learns, as it is. */
function startKept(method: Method, plan: Plan, architecture: Architecture): KeptFunction {
  return (
    method.startKeepsFunction?.(plan, architecture) ?? {
      kept: false,
      reasons: [`the start of ${method.name} mixes units or layers`],
    }
  );
}
