import type { Layout } from "@ligo/core";
import { UsageError } from "../usage-error.js";

/** The sequence length asked for, or the number of positions of the model where that is smaller. */
export function cappedSequence(sequence: number, layout: Layout): number {
  return Math.min(sequence, layout.spaces["position"]?.size ?? sequence);
}

/** Number of token ids of a model. Throws `cli/no-vocabulary` for a model that reads no tokens. */
export function vocabularySize(layout: Layout): number {
  const size = layout.spaces["vocab"]?.size;
  if (size !== undefined) return size;
  throw new UsageError(
    "cli/no-vocabulary",
    `${layout.className} reads no tokens, so it cannot learn from text.`,
    { expected: "a vocabulary", actual: "none" },
  );
}
