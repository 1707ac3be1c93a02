import type { Outcome } from "./outcome.js";

/** Inputs of a target, by their numbers. */
export interface Stretch {
  readonly target: string;
  readonly seed: number;
  /** First number, and the one behind the last. */
  readonly from: number;
  readonly to: number;
}

export type ToChild =
  | ({ readonly type: "run"; readonly keepAccepted: string | undefined } & Stretch)
  | {
      readonly type: "judge";
      readonly target: string;
      readonly input: readonly (readonly [string, Uint8Array])[];
    };

export type FromChild =
  /** The reading of an input begins. */
  | { readonly type: "start"; readonly index: number }
  | { readonly type: "outcome"; readonly index: number; readonly outcome: Outcome }
  | { readonly type: "done" };
