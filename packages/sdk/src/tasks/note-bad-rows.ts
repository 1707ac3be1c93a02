import type { BadRows } from "@ligo/data";
import type { Reporter } from "../reporter.js";

/** Says how many rows were left out, and what was wrong with the first of them. */
export function noteBadRows({ count, first }: BadRows, reporter: Reporter | undefined): void {
  if (count === 0) return;
  reporter?.note(`Left out ${count} rows that cannot be used:`);
  for (const row of first) reporter?.note(`  ${row}`);
  if (count > first.length) reporter?.note("  ...");
}
