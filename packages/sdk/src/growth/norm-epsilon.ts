import { withNormEpsilon, type OperatorHeader } from "@ligo/core";
import { describeModel } from "../models/model-spec.js";
import type { Growth } from "./open-growth.js";
import type { Reporter } from "../reporter.js";

/** The growth with the epsilon of norms in the target's config that an operator keeps the function with. */
export function withOperatorEpsilon(
  growth: Growth,
  operator: OperatorHeader,
  reporter: Pick<Reporter, "note">,
): Growth {
  const { source, target } = growth;
  const { normEpsilonScale } = operator;
  if (normEpsilonScale === undefined) return growth;
  const { architecture, file } = target;
  const raw = withNormEpsilon(architecture, target.raw, source.spec.config, operator);
  if (raw === target.raw) {
    reporter.note(
      `The norms of ${target.layout.architecture} have no epsilon in config.json to multiply by ${normEpsilonScale}: ` +
        "the function is kept up to that.",
    );
    return growth;
  }
  const key = architecture.normEpsilon ?? "";
  reporter.note(
    `${key} is set to ${String(raw[key])}, which the wider norms keep the function with.`,
  );
  return { ...growth, target: describeModel(architecture, raw, file, target.className) };
}
