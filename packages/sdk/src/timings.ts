import type { LigoEvent, Phase } from "./events.js";

/** Adds up where the time goes, by name. */
export interface Timings {
  /** Runs work and adds its wall time to `name`. */
  time<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Adds seconds measured elsewhere; negative ones move time to another name. */
  add(name: string, seconds: number): void;
  readonly seconds: Readonly<Record<string, number>>;
}

/** Phases that times are told as; times of other names begin no phase. */
const PHASES: Readonly<Record<string, Phase>> = {
  read: "read",
  hash: "read",
  compile: "compile",
  learn: "learn",
  train: "train",
  apply: "apply",
  evaluate: "evaluate",
  write: "write",
};

/** @param emit is told when another phase begins */
export function createTimings(emit: (event: LigoEvent) => void = () => undefined): Timings {
  const seconds: Record<string, number> = {};
  let current: Phase | undefined;
  const add = (name: string, amount: number): void => {
    seconds[name] = (seconds[name] ?? 0) + amount;
  };
  return {
    seconds,
    add,
    async time(name, work) {
      const phase = PHASES[name];
      if (phase !== undefined && phase !== current) {
        current = phase;
        emit({ type: "phase", phase });
      }
      const started = performance.now();
      try {
        return await work();
      } finally {
        add(name, (performance.now() - started) / 1000);
      }
    },
  };
}
