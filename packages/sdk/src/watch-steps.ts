import type { Reporter } from "./reporter.js";

export interface WatchStepsOptions {
  /** What is going on: `learn`, `train`, `evaluate`. */
  readonly phase: string;
  /** Steps there are in all. */
  readonly steps: number;
  /** What steps work on, and how much of it each. */
  readonly unit: "tokens" | "images";
  readonly amount: number;
  readonly reporter: Reporter;
  /** Milliseconds. Default: the clock. */
  readonly now?: () => number;
}

/** How fast a loop goes, as metrics hold it. */
export interface Pace {
  readonly tokens_per_second?: number;
  readonly images_per_second?: number;
  /** That the steps to come take at this pace; evaluations left out. */
  readonly seconds_left: number;
}

/** Times the steps of a loop. */
export interface StepWatch {
  /** A step begins. */
  begin(): void;
  /** It is done, the `step`th of all: tells the reporter and returns the pace. */
  done(step: number, found?: { readonly loss?: number; readonly flops?: number }): Pace;
}

/** Steps that the pace is taken over. */
const WINDOW = 20;

/** Times the steps of a loop, what stands between them left out, and reports each with the pace of the last ones. */
export function watchSteps(options: WatchStepsOptions): StepWatch {
  const { amount, now = () => performance.now(), phase, reporter, steps, unit } = options;
  const last: number[] = [];
  let begun = now();
  return {
    begin() {
      begun = now();
    },
    done(step, found = {}) {
      last.push((now() - begun) / 1000);
      if (last.length > WINDOW) last.shift();
      // a clock may not have moved at all
      const seconds = Math.max(last.reduce((sum, one) => sum + one, 0) / last.length, 1e-9);
      const perSecond = amount / seconds;
      const secondsLeft = seconds * (steps - step);
      reporter.step({ phase, step, steps, ...found, unit, perSecond, secondsLeft });
      return { [`${unit}_per_second`]: perSecond, seconds_left: secondsLeft };
    },
  };
}
