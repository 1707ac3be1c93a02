import type { Phase, StepEvent } from "@ligo/sdk";
import { formatFlops, formatSeconds } from "@ligo/report";
import type { Words } from "./colours.js";
import type { Terminal } from "./terminal.js";

/** Columns of the bar itself. */
const BAR_WIDTH = 24;
/** Milliseconds between two drawings of the bar. */
const REDRAW = 100;
/** Seconds between two plain lines. */
const LINE_SECONDS = 10;

/** Progress of long work. */
export interface Progress {
  phase(phase: Phase): void;
  step(event: StepEvent): void;
}

export interface ProgressOptions {
  /** Whether the last line of learning and training stays on the terminal. Default true. */
  readonly keeps?: boolean;
  /** Milliseconds. Default: the clock. */
  readonly now?: () => number;
}

/** Phases that the steps of a run are of. */
const STEPPED: ReadonlySet<Phase> = new Set(["learn", "train"]);

const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  read: "reading checkpoint and data ...",
  probe: "trying starts ...",
  compile: "compiling the step ...",
  learn: "learning ...",
  train: "training ...",
  apply: "making the grown weights ...",
  forward: "running both models ...",
  evaluate: "judging on held-out data ...",
  write: "writing ...",
};

/**
 * Shows progress on a command's stderr. On a terminal: a bar that is drawn over itself (steps, loss, tokens or images per second,
 * operations so far, time left of all), as much of that as a line of the terminal holds, and between bars the phase. Elsewhere:
 * plain lines, of learning and training the first step and the last, and of all steps at most one in ten seconds; of short work none.
 */
export function createProgress(
  terminal: Terminal,
  { keeps = true, now = () => performance.now() }: ProgressOptions = {},
): Progress {
  const { lineSeconds = LINE_SECONDS } = terminal;
  let current: Phase | undefined;
  let isStepping = false;
  let drawn = terminal.interactive ? Number.NEGATIVE_INFINITY : now();
  const plainStep = (event: StepEvent): void => {
    const time = now();
    const isStepped = STEPPED.has(event.phase);
    const isEnd = isStepped && (event.phase !== current || event.step === event.steps);
    if (isStepped) current = event.phase;
    if (!isEnd && time - drawn < 1000 * lineSeconds) return;
    drawn = time;
    terminal.note(wordsOf(event).join(", "));
  };
  return {
    phase(phase) {
      // its steps follow; every step reads its batch
      if (STEPPED.has(phase) || (isStepping && phase === "read")) return;
      terminal.live([[{ text: PHASE_WORDS[phase], style: "faint" }]]);
    },
    step(event) {
      if (!terminal.interactive) return plainStep(event);
      const last = event.step === event.steps;
      const time = now();
      if (event.phase === current && !last && time - drawn < REDRAW) return;
      current = event.phase;
      if (STEPPED.has(current)) isStepping = !last;
      drawn = time;
      terminal.live(linesOf(event));
      if (last && keeps && STEPPED.has(event.phase)) terminal.keep();
    },
  };
}

/** The line of a bar, with less and less in it. */
function linesOf(event: StepEvent): readonly Words[] {
  const drawn = bar(event);
  const withBar = [[], ["flops"], ["flops", "speed"]] as const;
  return [
    ...withBar.map((without) => [...drawn, ` ${wordsOf(event, without).join(", ")}`]),
    wordsOf(event, withBar[2]).join(", "),
    wordsOf(event, [...withBar[2], "loss"]).join(", "),
    ...wordsOf(event).slice(0, 1),
  ];
}

function bar({ step, steps }: StepEvent): readonly string[] {
  const filled = Math.round((BAR_WIDTH * step) / steps);
  return ["█".repeat(filled), "░".repeat(BAR_WIDTH - filled)];
}

/** Facts of a step in words, but for those that are left out. */
function wordsOf(
  event: StepEvent,
  without: readonly ("loss" | "speed" | "flops")[] = [],
): readonly string[] {
  const { flops = 0, loss, overallSecondsLeft, phase, secondsLeft, step, steps } = event;
  const { unit, unitsPerSecond } = event;
  const has = (fact: "loss" | "speed" | "flops"): boolean => !without.includes(fact);
  const left = overallSecondsLeft ?? secondsLeft;
  // the last line of a run's steps stays
  const hasLeft = step < steps || (!STEPPED.has(phase) && left >= 0.1);
  return [
    `${phase} ${step}/${steps}`,
    ...(loss !== undefined && has("loss") ? [`loss ${loss.toFixed(4)}`] : []),
    ...(has("speed") ? [`${unitsPerSecond.toFixed(0)} ${unit}/s`] : []),
    ...(flops > 0 && has("flops") ? [formatFlops(flops)] : []),
    ...(hasLeft ? [`${formatSeconds(left)} left`] : []),
  ];
}
