import { frameInto, paddedRows, type FramedRows, type Framing } from "./framing.js";
import { checkInteger } from "./options.js";
import { checkLargest } from "./token-blocks.js";

/** What batches of framed texts have in common. */
export interface FramedBatchOptions {
  /** Rows of a batch. */
  readonly batch: number;
  /** Tokens of a row, special ones and padding included; what does not fit is cut. */
  readonly sequence: number;
  readonly framing: Framing;
  /** Id of padding. */
  readonly pad: number;
  /** Ids the model knows. */
  readonly vocabularySize: number;
}

/**
 * Throws `data/bad-option`, and `data/vocabulary-mismatch` where texts, framing or padding have a token the model does not
 * know.
 *
 * @param texts with the largest id of their tokens
 */
export function checkFramedBatches(
  { largest }: { readonly largest: number },
  { batch, framing, pad, vocabularySize }: Omit<FramedBatchOptions, "sequence">,
): void {
  checkInteger("batch", batch, 1);
  const added = [...framing.single, ...framing.pair].map((part) => ("id" in part ? part.id : -1));
  checkLargest(Math.max(largest, pad, ...added), checkInteger("vocabularySize", vocabularySize, 1));
}

/** The rows of a batch: of each the tokens of its texts, framed and padded. */
export function framedRows(
  rows: readonly (readonly Int32Array[])[],
  { framing, pad, sequence }: Pick<FramedBatchOptions, "framing" | "pad" | "sequence">,
): FramedRows {
  const framed = paddedRows(rows.length, sequence, pad);
  for (const [row, texts] of rows.entries()) frameInto(framed, row, sequence, texts, framing);
  return framed;
}
