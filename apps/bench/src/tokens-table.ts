import type { TextMeasurement } from "./measure-tokens.js";

/** Rounds of one way to go through a text. */
export interface WayRounds {
  readonly way: string;
  readonly rounds: readonly TextMeasurement[];
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** A Markdown table: MB/s by the clock and of CPU time (medians of the rounds), the most memory, and whether the ids are the same. */
export function tokensTable(bytes: number, ways: readonly WayRounds[]): string {
  const rates = (rounds: readonly TextMeasurement[], of: "seconds" | "cpuSeconds"): string =>
    (bytes / 1e6 / median(rounds.map((round) => round[of]))).toFixed(1);
  const ids = ways.find(({ way }) => way === "ligo")?.rounds[0]?.sha256;
  const sameIds = (rounds: readonly TextMeasurement[]): string =>
    rounds.every(({ sha256 }) => sha256 === undefined)
      ? "-"
      : rounds.every(({ sha256 }) => sha256 === ids)
        ? "same"
        : "**other**";
  return [
    "| way | MB/s | MB per s of CPU | most memory | ids |",
    "| --- | --- | --- | --- | --- |",
    ...ways.map(({ way, rounds }) => {
      const memory = Math.max(...rounds.map(({ peakMemoryBytes }) => peakMemoryBytes));
      const cells = [
        way,
        rates(rounds, "seconds"),
        rates(rounds, "cpuSeconds"),
        `${(memory / 1e6).toFixed(0)} MB`,
        sameIds(rounds),
      ];
      return `| ${cells.join(" | ")} |`;
    }),
    "",
  ].join("\n");
}
