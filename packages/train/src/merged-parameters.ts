import type { Parameters } from "@ligo/nn";

/** The parameters of either; of the second where both have one. */
export function mergedParameters(one: Parameters, other: Parameters): Parameters {
  return {
    get: (name) => (other.has(name) ? other : one).get(name),
    has: (name) => one.has(name) || other.has(name),
  };
}
