import type { MethodName } from "@ligo/core";
import type { JudgedAmount } from "../../data-amount.js";

/** A start that was probed: a way to fill the operator, and where the grown model stands with it. */
export interface ProbedStart {
  readonly method: MethodName;
  /** Where learning would start from, where that is not the method's own start. */
  readonly start?: string;
  /** Held-out loss of the grown model before any training. */
  readonly loss: number;
  /** The same after the last look's steps of training; null where there were none. */
  readonly trained: number | null;
}

/** A probe of a few starts: what it saw, what it chose and why. */
export interface Probe {
  /** Held-out loss of the source, on the data that starts are compared by; null where its class has no head to judge. */
  readonly source: number | null;
  /** Held-out data that every loss of the probe is of; missing where nothing was looked at. */
  readonly judged?: JudgedAmount;
  readonly starts: readonly ProbedStart[];
  /** Steps that each start was trained for, in the last look. */
  readonly steps: number;
  readonly unit: "tokens" | "images";
  /** Tokens or images that all looks cost, as training would, and the budget that they were measured by. */
  readonly cost: number;
  readonly budget: number;
  /** The method that was chosen. */
  readonly chosen: MethodName;
  readonly because: string;
}
