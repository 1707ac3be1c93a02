import { elementCount, type Layout } from "@ligo/core";
import { expandLayout, isOwned } from "@ligo/core/layout";
import { UsageError } from "../usage-error.js";
import type { OpenedMoments } from "./moments.js";

/** Refuses moments of parameters of other sizes: `sdk/bad-moments`. */
export function checkMoments(layout: Layout, moments: OpenedMoments): void {
  for (const { name, parameter, shape } of expandLayout(layout)) {
    const [expected, actual] = [elementCount(shape), moments.size(name)];
    if (!isOwned(parameter) || actual === undefined || actual === expected) continue;
    throw new UsageError(
      "sdk/bad-moments",
      `${moments.file} has ${actual} moments of "${name}", which has ${expected} numbers. Remove the file, or set \`moments: "anew"\`.`,
      { file: moments.file, tensor: name, expected: String(expected), actual: String(actual) },
    );
  }
}
