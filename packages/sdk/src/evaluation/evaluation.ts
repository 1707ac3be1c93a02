import type { JudgedAmount } from "../data-amount.js";

/** Evaluation of a model, with the scores of its task where it has some. */
export interface ScoredEvaluation {
  /** Mean loss over the positions that have a label. */
  readonly loss: number;
  /** e to the loss. */
  readonly perplexity: number;
  /** Share of the labels that were predicted; absent where numbers are predicted. */
  readonly accuracy?: number;
  /** Positions with a label. */
  readonly positions: number;
  /** Scores by the names that GLUE's and SQuAD's metrics have in Hugging Face's libraries. */
  readonly scores?: Readonly<Record<string, number>>;
  /** Data it is taken over. Absent in runs that older versions finished. */
  readonly judged?: JudgedAmount;
}

/** Evaluation of a model on data. */
export interface EvaluateResult extends ScoredEvaluation {
  readonly objective: string;
  /** Blocks of text judged by, and tokens of a block. */
  readonly blocks?: number;
  readonly sequence?: number;
  /** Labelled texts judged by. */
  readonly texts?: number;
  /** Questions judged by. */
  readonly questions?: number;
  /** Images judged by. */
  readonly images?: number;
  /** Most memory the process held at once, in bytes. */
  readonly peakMemoryBytes: number;
}
