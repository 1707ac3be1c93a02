/** Amount of data. */
export interface DataAmount {
  readonly count: number;
  readonly of: "blocks" | "texts" | "pairs of texts" | "questions" | "images";
  /** Tokens of a block or window. */
  readonly sequence?: number;
  /** Windows that questions are looked for in. */
  readonly windows?: number;
}

/** Data that a model was judged by: some of those that are held out, spread evenly over them, or all. */
export interface JudgedAmount extends Pick<DataAmount, "count" | "of"> {
  /** Held-out data that these were taken from. */
  readonly among: number;
}
