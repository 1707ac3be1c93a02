import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { Tally } from "./campaign.js";
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

/** The numbers that targets go on with after what a log holds of a seed. */
export function begunIn(file: string, seed: number): ReadonlyMap<string, number> {
  const begun = new Map<string, number>();
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  for (const text of lines) {
    if (text === "") continue;
    const line = JSON.parse(text) as LogLine;
    if (line.seed === seed) begun.set(line.target, Math.max(line.to, begun.get(line.target) ?? 0));
  }
  return begun;
}
