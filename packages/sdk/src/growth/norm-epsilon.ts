import { withNormEpsilon, type OperatorHeader } from "@ligo/core/operator";
import type { Context } from "../context.js";
import { describeModel } from "../models/model-spec.js";
import type { Growth } from "./open-growth.js";

/** The growth with the epsilon of norms in the target's config that an operator keeps the function with. */
export function withOperatorEpsilon(
  growth: Growth,
  operator: OperatorHeader,
  { emit }: Pick<Context, "emit">,
): Growth {
  const { source, target } = growth;
  const { normEpsilonScale: factor } = operator;
  if (factor === undefined) return growth;
  const { architecture, className, file, implied } = target;
  const raw = withNormEpsilon(architecture, target.raw, source.spec.config, operator);
  if (raw === target.raw) {
    const name = target.layout.architecture;
    emit({ type: "warning", code: "norm-epsilon-fixed", architecture: name, factor });
    return growth;
  }
  const key = architecture.normEpsilon ?? "";
  emit({ type: "warning", code: "norm-epsilon-set", key, value: Number(raw[key]) });
  const described = describeModel(architecture, raw, file, className, implied);
  return { ...growth, target: { ...target, ...described } };
}
