/** Losses on the same held-out batches. */
export interface GrowthLosses {
  /** The source model. */
  readonly small?: number;
  /** The grown model before learning. */
  readonly start?: number;
  /** The grown model as it is written. */
  readonly grown?: number;
}
