import type { StepEvent } from "@ligo/sdk";
import type { CommandIo } from "./command-io.js";
import { formatFlops, formatSeconds } from "@ligo/report";
import { REDRAWN } from "./safe-output.js";
import { firstThatFits } from "./terminal-line.js";

/** Columns of the bar itself. */
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
 * operations so far, time left), as much of that as a line of the terminal holds; else a plain line every tenth of the way.
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
        if (tenth(event.step) > tenth(event.step - 1)) io.stderr(`${wordsOf(event).join(", ")}\n`);
        return;
      }
      const time = now();
      const isNew = event.phase !== phase;
      if (!isNew && !last && time - drawn < REDRAW) return;
      if (isNew) close();
      phase = event.phase;
      drawn = time;
      isOpen = true;
      io.stderr(`${REDRAWN}${firstThatFits(linesOf(event), io.columns?.())}`);
      if (last) close();
    },
  };
}

/** The line of a bar, with less and less in it. */
function linesOf(event: StepEvent): readonly string[] {
  const drawn = bar(event);
  const withBar = [[], ["flops"], ["flops", "speed"]] as const;
  return [
    ...withBar.map((without) => `${drawn} ${wordsOf(event, without).join(", ")}`),
    wordsOf(event, withBar[2]).join(", "),
    wordsOf(event, [...withBar[2], "loss"]).join(", "),
    ...wordsOf(event).slice(0, 1),
  ];
}

function bar({ step, steps }: StepEvent): string {
  const filled = Math.round((BAR_WIDTH * step) / steps);
  return `${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)}`;
}

/** Facts of a step in words, but for those that are left out. */
function wordsOf(
  { flops = 0, loss, phase, secondsLeft, step, steps, unit, unitsPerSecond }: StepEvent,
  without: readonly ("loss" | "speed" | "flops")[] = [],
): readonly string[] {
  const has = (fact: "loss" | "speed" | "flops"): boolean => !without.includes(fact);
  return [
    `${phase} ${step}/${steps}`,
    ...(loss !== undefined && has("loss") ? [`loss ${loss.toFixed(4)}`] : []),
    ...(has("speed") ? [`${unitsPerSecond.toFixed(0)} ${unit}/s`] : []),
    ...(flops > 0 && has("flops") ? [formatFlops(flops)] : []),
    ...(step < steps ? [`${formatSeconds(secondsLeft)} left`] : []),
  ];
}
