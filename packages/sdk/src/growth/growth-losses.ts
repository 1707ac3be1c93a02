import type { JudgedAmount } from "../data-amount.js";

/** Losses on the same held-out data. */
export interface GrowthLosses {
  /** The source model. */
  readonly small?: number;
  /** The grown model before learning. */
  readonly start?: number;
  /** The grown model as it is written. */
  readonly grown?: number;
  /** Data they are taken over. */
  readonly judged?: JudgedAmount;
}
