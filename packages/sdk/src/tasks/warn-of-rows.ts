import type { BadRows } from "@ligo/data";
import type { Context } from "../context.js";

/** Warns of rows that were left out, and tells the first of them. */
export function warnOfRows({ count, first }: BadRows, { emit }: Pick<Context, "emit">): void {
  if (count > 0) emit({ type: "warning", code: "rows-left-out", count, first });
}
