import type { StepEvent } from "@ligo/sdk";
import { createForecast } from "@ligo/sdk/runs";
import type { CompareEvent, CompareHandles } from "./events.js";

/** Estimated operations of a run of a comparison: a source, or a cell. */
export interface RunCost {
  readonly source?: number;
  readonly learn?: number;
  readonly train?: number;
}

/** Kinds of work, whose operations take times of their own. */
const KINDS = ["source", "learn", "train"] as const;
type Kind = (typeof KINDS)[number];

/** Clock of a comparison: puts the seconds that all of it still takes into the steps of its runs. */
export interface ComparisonClock {
  /** The handles of a comparison, whose steps are told with the time left of all. */
  readonly handles: CompareHandles;
  /** A run begins. */
  begin(key: string): void;
  /** A run is done, or need not be done. */
  end(key: string): void;
}

/**
 * A clock for runs by their keys. Time is forecast from operations: those of the runs to come are estimates, and whatever a run
 * does between its steps, as judging, is counted into their time.
 */
export function createComparisonClock(
  handles: CompareHandles,
  runs: ReadonlyMap<string, RunCost>,
  now: () => number = () => performance.now(),
): ComparisonClock {
  const whole = (kind: Kind): number =>
    [...runs.values()].reduce((sum, cost) => sum + (cost[kind] ?? 0), 0);
  const forecast = createForecast(
    Object.fromEntries(KINDS.map((kind) => [kind, { amount: whole(kind) }])),
  );
  const ended = new Set<string>();
  let current = "";
  let last = now();
  /** Operations of the current run that are done, of each kind, and those of its training or growth under way. */
  let done: Record<Kind, number> = { source: 0, learn: 0, train: 0 };
  let under = { kind: "", flops: 0 };
  let left: number | undefined;

  function step(kind: Kind, flops: number, { secondsLeft, step: at, steps }: StepEvent): number {
    const isNew = under.kind !== kind || flops < under.flops;
    // of a run that goes on, steps were done before
    const before = isNew ? flops * (1 - 1 / at) : under.flops;
    const room = Math.max(0, (runs.get(current)?.[kind] ?? 0) - done[kind]);
    const skipped = isNew ? Math.min(before, room) : 0;
    const amount = Math.min(flops - before, room - skipped);
    under = { kind, flops };
    done[kind] += skipped + amount;
    forecast.skip(kind, skipped);
    // before its first step a run was read and compiled
    const seconds = isNew && at < steps ? secondsLeft / (steps - at) : (now() - last) / 1000;
    last = now();
    return forecast.done(kind, seconds, amount);
  }

  function told(event: CompareEvent): CompareEvent {
    if (event.type !== "step" && event.type !== "progress") return event;
    const { flops, overallSecondsLeft, phase } = event;
    if (flops !== undefined) {
      const { source } = runs.get(current) ?? {};
      const kind = source === undefined ? (phase === "learn" ? "learn" : "train") : "source";
      left = step(kind, flops, event);
    }
    // a batch that is judged has no operations: as long as nothing was trained, only its own run's time is known
    const all = left ?? overallSecondsLeft;
    return all === undefined ? event : { ...event, overallSecondsLeft: all };
  }

  const { onEvent } = handles;
  return {
    handles: onEvent === undefined ? handles : { ...handles, onEvent: (one) => onEvent(told(one)) },
    begin(key) {
      current = key;
      done = { source: 0, learn: 0, train: 0 };
      under = { kind: "", flops: 0 };
      last = now();
    },
    end(key) {
      if (ended.has(key)) return;
      ended.add(key);
      const cost = runs.get(key) ?? {};
      for (const kind of KINDS)
        forecast.skip(kind, Math.max(0, (cost[kind] ?? 0) - (key === current ? done[kind] : 0)));
      if (key === current) current = "";
    },
  };
}
