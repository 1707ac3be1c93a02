import type { StepEvent } from "@ligo/sdk";
import type { CommandIo } from "./command-io.js";
import { formatFlops, formatSeconds } from "@ligo/report";
import { REDRAWN } from "./safe-output.js";

const BAR_WIDTH = 24;
/** Milliseconds between two drawings of the bar. */
const REDRAW = 100;

/** Progress of long work, with notes between its lines. */
export interface Progress {
  note(text: string): void;
  step(event: StepEvent): void;
}

/**
 * Shows progress on a command's stderr: on a terminal a bar that is drawn over itself (steps, loss, tokens or images per second,
 * operations so far, time left), else a plain line every tenth of the way.
 */
export function createProgress(
  io: CommandIo,
  now: () => number = () => performance.now(),
): Progress {
  let phase = "";
  let drawn = Number.NEGATIVE_INFINITY;
  let isOpen = false;
  /** Ends the line of a bar, so that what follows stands on one of its own. */
  const close = (): void => {
    if (isOpen) io.stderr("\n");
    isOpen = false;
  };
  return {
    note(text) {
      close();
      io.stderr(`${text}\n`);
    },
    step(event) {
      const last = event.step === event.steps;
      if (!io.interactive) {
        const tenth = (step: number): number => Math.floor((10 * step) / event.steps);
        if (tenth(event.step) > tenth(event.step - 1)) io.stderr(`${describe(event)}\n`);
        return;
      }
      const time = now();
      const isNew = event.phase !== phase;
      if (!isNew && !last && time - drawn < REDRAW) return;
      if (isNew) close();
      phase = event.phase;
      drawn = time;
      isOpen = true;
      io.stderr(`${REDRAWN}${bar(event)} ${describe(event)}`);
      if (last) close();
    },
  };
}

function bar({ step, steps }: StepEvent): string {
  const filled = Math.round((BAR_WIDTH * step) / steps);
  return `${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)}`;
}

function describe(event: StepEvent): string {
  const { flops = 0, loss, phase, secondsLeft, step, steps, unit, unitsPerSecond } = event;
  const parts = [`${phase} ${step}/${steps}`];
  if (loss !== undefined) parts.push(`loss ${loss.toFixed(4)}`);
  parts.push(`${unitsPerSecond.toFixed(0)} ${unit}/s`);
  if (flops > 0) parts.push(formatFlops(flops));
  if (step < steps) parts.push(`${formatSeconds(secondsLeft)} left`);
  return parts.join(", ");
}
