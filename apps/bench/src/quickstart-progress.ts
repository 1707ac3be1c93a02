import type { CompareEvent } from "@ligo/compare";
import { formatSeconds } from "@ligo/report";

/** Milliseconds between two drawings of the line, and between two lines where there is no terminal. */
const REDRAW = 100;
const PLAIN = 10_000;

/** Stream that progress is shown on. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Progress of a quickstart. */
export interface QuickstartProgress {
  readonly note: (text: string) => void;
  readonly onEvent: (event: CompareEvent) => void;
}

/**
 * Shows the steps of a quickstart with the time left of all: on a terminal as one line that is drawn over itself, and wiped by notes;
 * else as plain lines, one in ten seconds. The line has less than 40 columns.
 */
export function quickstartProgress(
  stream: ProgressStream,
  now: () => number = () => performance.now(),
): QuickstartProgress {
  const isTerminal = stream.isTTY === true;
  let drawn = Number.NEGATIVE_INFINITY;
  return {
    note: (text) => void stream.write(`${isTerminal ? "\r\u001B[K" : ""}${text}\n`),
    onEvent(event) {
      if (event.type !== "step" && event.type !== "progress") return;
      const { overallSecondsLeft, phase, secondsLeft, step, steps } = event;
      const time = now();
      if (time - drawn < (isTerminal ? REDRAW : PLAIN)) return;
      drawn = time;
      const left = formatSeconds(overallSecondsLeft ?? secondsLeft);
      const line = `  ${phase} ${step}/${steps}, ${left} left`;
      if (isTerminal) stream.write(`\r\u001B[K${line.slice(0, (stream.columns ?? 80) - 1)}`);
      else stream.write(`${line}\n`);
    },
  };
}
