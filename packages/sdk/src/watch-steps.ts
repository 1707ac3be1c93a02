import type { LigoEvent, StepEvent } from "./events.js";

export interface WatchStepsOptions {
  readonly phase: StepEvent["phase"];
  /** Steps there are in all. */
  readonly steps: number;
  readonly unit: StepEvent["unit"];
  /** Tokens or images of a step. */
  readonly amount: number;
  readonly emit: (event: LigoEvent) => void;
  /** Seconds until all of the work is done, after a step that took so many. Default: not told. */
  readonly left?: ((seconds: number) => number) | undefined;
  /** Milliseconds. Default: the clock. */
  readonly now?: () => number;
}

/** How fast a loop goes, as metrics hold it. */
export interface Pace {
  readonly tokens_per_second?: number;
  readonly images_per_second?: number;
  /** Seconds that the steps to come take at this pace; evaluations left out. */
  readonly seconds_left: number;
}

/** Facts of a step that is done. */
type StepFacts = Pick<StepEvent, "loss" | "flops" | "learningRate" | "gradientNorm">;

/** Times the steps of a loop. */
export interface StepWatch {
  /** A step begins. */
  begin(): void;
  /** It is done, the `step`th of all: tells so and returns the pace. */
  done(step: number, facts?: StepFacts): Pace;
}

/** Steps that the pace is taken over. */
const WINDOW = 20;

/** Times the steps of a loop, what stands between them left out, and tells each with the pace of the last ones. */
export function watchSteps(options: WatchStepsOptions): StepWatch {
  const { amount, emit, left, now = () => performance.now(), phase, steps, unit } = options;
  const last: number[] = [];
  let begun = now();
  return {
    begin() {
      begun = now();
    },
    done(step, facts = {}) {
      const taken = (now() - begun) / 1000;
      last.push(taken);
      if (last.length > WINDOW) last.shift();
      // a clock may not have moved at all
      const seconds = Math.max(last.reduce((sum, one) => sum + one, 0) / last.length, 1e-9);
      const unitsPerSecond = amount / seconds;
      const secondsLeft = seconds * (steps - step);
      emit({
        type: phase === "learn" || phase === "train" ? "step" : "progress",
        phase,
        step,
        steps,
        ...facts,
        unit,
        unitsPerSecond,
        secondsLeft,
        ...(left === undefined ? {} : { overallSecondsLeft: left(taken) }),
      });
      return { [`${unit}_per_second`]: unitsPerSecond, seconds_left: secondsLeft };
    },
  };
}
