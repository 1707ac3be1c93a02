import type { Handles, LigoEvent } from "@ligo/sdk";

/** A source is trained that cells start from, or waited for while another part of the comparison trains it. */
export interface SourceEvent {
  readonly type: "source";
  readonly seed: number;
  readonly waits?: true;
}

/** A cell, one method on one seed, begins. */
export interface CellEvent {
  readonly type: "cell";
  /** Number of the cell among those that are asked for, from 1. */
  readonly index: number;
  readonly of: number;
  /** Name of the row. */
  readonly method: string;
  readonly seed: number;
}

/** A cell is done, and its result is kept. */
export interface CellDoneEvent extends Omit<CellEvent, "type"> {
  readonly type: "cell-done";
  /** Held-out losses right after growth and at the end; `undefined` where training diverged. */
  readonly losses: { readonly start: number; readonly end: number } | undefined;
  /** Message of a training that diverged. */
  readonly diverged: string | undefined;
  readonly seconds: number;
}

/** Rates are chosen: rows at the peak learning rate that they are run at. */
export interface RatesEvent {
  readonly type: "rates";
  readonly rates: Readonly<Record<string, number>>;
}

/** Results from elsewhere are taken over, as far as they are of this comparison. */
export interface KnownEvent {
  readonly type: "known";
  /** Runs in them that are this comparison's, those that rates are chosen by among them. */
  readonly runs: number;
  readonly of: number;
}

/** Everything that a comparison tells whoever watches it: its own events, and those of its growths and trainings. */
export type CompareEvent =
  | LigoEvent
  | SourceEvent
  | CellEvent
  | CellDoneEvent
  | RatesEvent
  | KnownEvent;

/** Handles of a comparison. A listener that throws ends it as an abort does: finished cells and saved steps are kept. */
export interface CompareHandles extends Omit<Handles, "onEvent"> {
  readonly onEvent?: ((event: CompareEvent) => void) | undefined;
}
