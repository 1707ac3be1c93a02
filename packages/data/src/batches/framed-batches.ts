import type { FramedRowOptions } from "../tokenizer/framing.js";
import { checkInteger } from "../errors/check-integer.js";
import { checkLargest } from "../blocks/blocks.js";

/** Options that batches of framed texts have in common. */
export interface FramedBatchOptions extends FramedRowOptions {
  /** Rows of a batch. */
  readonly batch: number;
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
