import { nearestName } from "@ligo/core";
import { TrainingError } from "./training-error.js";

/**
 * The names that any of some patterns matches, `*` standing for any characters, dots included. Throws
 * `training/unknown-pattern` for a pattern that matches none.
 */
export function matchNames(
  patterns: readonly string[],
  names: readonly string[],
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    const parts = pattern.split("*").map((part) => part.replaceAll(/[\\^$.+?()[\]{}|/]/g, "\\$&"));
    const expression = new RegExp(`^${parts.join(".*")}$`, "u");
    const matching = names.filter((name) => expression.test(name));
    if (matching.length === 0) throw unknownPattern(pattern, names);
    for (const name of matching) found.add(name);
  }
  return found;
}

function unknownPattern(pattern: string, names: readonly string[]): TrainingError {
  const nearest = nearestName(pattern.replaceAll("*", ""), names) ?? "none";
  return new TrainingError(
    "training/unknown-pattern",
    `No parameter is named ${pattern}; the nearest is ${nearest}. A * stands for any part of a name.`,
    { expected: nearest, actual: pattern },
  );
}
