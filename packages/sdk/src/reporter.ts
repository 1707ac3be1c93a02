/** One step of long work, as it is done. */
export interface StepEvent {
  /** What is going on: `learn`, `train`, `evaluate`. */
  readonly phase: string;
  /** Steps done, from 1. */
  readonly step: number;
  readonly steps: number;
  readonly loss?: number;
  /** Floating-point operations so far. */
  readonly flops?: number;
  /** What is worked on, how much of it a second, and the time that is left at this pace. */
  readonly unit: "tokens" | "images";
  readonly perSecond: number;
  readonly secondsLeft: number;
}

/** Where long work tells what it does. */
export interface Reporter {
  note(text: string): void;
  step(event: StepEvent): void;
}

/** Says nothing. */
export const silent: Reporter = { note: () => undefined, step: () => undefined };
