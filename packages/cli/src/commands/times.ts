import { formatFlops, formatSeconds } from "@ligo/report";
import type { EngineSpeed } from "@ligo/sdk";

/** Where the time went, the most first. */
export function times(seconds: Readonly<Record<string, number>>): string {
  return Object.entries(seconds)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, amount]) => `${name} ${formatSeconds(amount)}`)
    .join(", ");
}

/** Speed that steps are expected to have: `245 GFLOP/s expected of the engine onnx, as busy as it is now`. */
export function speedWords({ engine, flopsPerSecond }: EngineSpeed): string {
  const rate = formatFlops(flopsPerSecond).replace(/s$/u, "/s");
  return `${rate} expected of the engine ${engine}, as busy as it is now`;
}
