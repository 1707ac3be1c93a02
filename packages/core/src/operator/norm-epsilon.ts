import type { Architecture, RawConfig } from "../layout/architecture.js";
import type { Operator } from "./operator.js";

/**
 * The target's config with the epsilon of norms that the operator keeps the function with: the source's times
 * `normEpsilonScale`. Unchanged where the operator asks for none, or the architecture has no key for it.
 *
 * @param raw the target's config as it is to be written
 * @param source the source's config with defaults filled in
 */
export function withNormEpsilon(
  { normEpsilon }: Pick<Architecture, "normEpsilon">,
  raw: RawConfig,
  source: RawConfig,
  { normEpsilonScale }: Pick<Operator, "normEpsilonScale">,
): RawConfig {
  if (normEpsilon === undefined || normEpsilonScale === undefined) return raw;
  const epsilon = source[normEpsilon];
  if (typeof epsilon !== "number") return raw;
  return { ...raw, [normEpsilon]: epsilon * normEpsilonScale };
}
