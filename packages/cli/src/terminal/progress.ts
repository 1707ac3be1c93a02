import type { CommandIo } from "./command-io.js";
import { formatSeconds } from "./format.js";

/** One step of long work, as it is done. */
export interface StepEvent {
  /** What is going on: `learn`, `train`, `evaluate`. */
  readonly phase: string;
  /** Steps done, from 1. */
  readonly step: number;
  readonly steps: number;
  readonly loss?: number;
  /** How much this step worked on, and in which unit. */
  readonly amount?: number;
  readonly unit?: string;
}

/** Where long work tells what it does. */
export interface Reporter {
  note(text: string): void;
  step(event: StepEvent): void;
}

/** Says nothing. */
export const silent: Reporter = { note: () => undefined, step: () => undefined };

const BAR_WIDTH = 24;
/** Milliseconds between two drawings of the bar. */
const REDRAW = 100;

/**
 * Reports to a command's stderr: on a terminal a bar that is drawn over itself (steps, loss, tokens or images per second, time
 * left), else a plain line every tenth of the way.
 */
export function createReporter(io: CommandIo, quiet: boolean): Reporter {
  if (quiet) return silent;
  let phase = "";
  let started = 0;
  let done = 0;
  let drawn = Number.NEGATIVE_INFINITY;
  return {
    note: (text) => io.stderr(`${text}\n`),
    step(event) {
      const now = performance.now();
      if (event.phase !== phase || event.step === 1) {
        phase = event.phase;
        started = now;
        done = 0;
        drawn = Number.NEGATIVE_INFINITY;
      } else done += event.amount ?? 0;
      const last = event.step === event.steps;
      const tenth = Math.floor((10 * event.step) / event.steps);
      const isTenth = tenth > Math.floor((10 * (event.step - 1)) / event.steps);
      if (io.interactive ? !last && now - drawn < REDRAW : !isTenth) return;
      drawn = now;
      // The first step is left out of the rates: its start is not known.
      const text = describe(event, (now - started) / 1000, done);
      if (io.interactive) io.stderr(`\r\u001B[K${bar(event)} ${text}${last ? "\n" : ""}`);
      else io.stderr(`${text}\n`);
    },
  };
}

function bar({ step, steps }: StepEvent): string {
  const filled = Math.round((BAR_WIDTH * step) / steps);
  return `${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)}`;
}

function describe(
  { phase, step, steps, loss, unit = "" }: StepEvent,
  seconds: number,
  done: number,
): string {
  const parts = [`${phase} ${step}/${steps}`];
  if (loss !== undefined) parts.push(`loss ${loss.toFixed(4)}`);
  if (seconds > 0 && done > 0) parts.push(`${(done / seconds).toFixed(0)} ${unit}/s`);
  if (step > 1 && step < steps) {
    parts.push(`${formatSeconds((seconds / (step - 1)) * (steps - step))} left`);
  }
  return parts.join(", ");
}
