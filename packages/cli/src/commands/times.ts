import { formatSeconds } from "@ligo/report";

/** Where the time went, the most first. */
export function times(seconds: Readonly<Record<string, number>>): string {
  return Object.entries(seconds)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, amount]) => `${name} ${formatSeconds(amount)}`)
    .join(", ");
}
