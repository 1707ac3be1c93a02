import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { emptyTally, type Tally } from "./campaign.js";
import type { Stretch } from "./messages.js";

/** A stretch that was read, as a line of a log. */
interface LogLine extends Stretch {
  readonly tried: number;
  readonly accepted: number;
  readonly refused: number;
  readonly findings: Readonly<Record<string, number>>;
}

export function logStretch(
  file: string,
  stretch: Stretch,
  { accepted, findings, refused, tried }: Tally,
): void {
  const line: LogLine = {
    ...stretch,
    tried,
    accepted,
    refused,
    findings: Object.fromEntries(findings),
  };
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}

function linesOf(file: string, seed: number): readonly LogLine[] {
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  return lines
    .filter((text) => text !== "")
    .map((text) => JSON.parse(text) as LogLine)
    .filter((line) => line.seed === seed);
}

/** The numbers that targets go on with after what a log holds of a seed. */
export function begunIn(file: string, seed: number): ReadonlyMap<string, number> {
  const begun = new Map<string, number>();
  for (const { target, to } of linesOf(file, seed)) {
    begun.set(target, Math.max(to, begun.get(target) ?? 0));
  }
  return begun;
}

/** What became of all inputs of a seed that a log holds, by target. */
export function talliesIn(file: string, seed: number): ReadonlyMap<string, Tally> {
  const tallies = new Map<string, Tally>();
  for (const { accepted, findings, refused, target, tried } of linesOf(file, seed)) {
    const total = tallies.get(target) ?? emptyTally();
    tallies.set(target, total);
    total.tried += tried;
    total.accepted += accepted;
    total.refused += refused;
    for (const [signature, times] of Object.entries(findings)) {
      total.findings.set(signature, times + (total.findings.get(signature) ?? 0));
    }
  }
  return tallies;
}
