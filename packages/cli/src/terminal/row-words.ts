import { formatCount } from "@ligo/report";
import type { RowFacts } from "@ligo/sdk";

/** Rows of a table that grows: `100 -> 150 (50 new, by moments)`. */
export function rowWords({ added, from, of, start, to }: RowFacts): string {
  // all patches change
  const parts = of === "patches" || added === 0 ? [] : [`${formatCount(added)} new`];
  const by = of !== "patches" && added === 0 ? [] : [`by ${start}`];
  const words = [...parts, ...by].join(", ");
  return `${formatCount(from)} -> ${formatCount(to)}${words === "" ? "" : ` (${words})`}`;
}
