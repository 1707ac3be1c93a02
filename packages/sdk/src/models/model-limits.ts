import type { Layout } from "@ligo/core";
import { UsageError } from "../usage-error.js";
import { loadModel } from "./load-model.js";
import type { ModelSpec } from "./model-spec.js";

/** The longest sequence a model takes; infinite where it sets no limit, or takes no sequences. */
export async function longestSequence(spec: ModelSpec): Promise<number> {
  const { inputs } = await loadModel(spec);
  const limits = Object.values(inputs).flatMap(({ axes }) =>
    axes.flatMap((axis) => (typeof axis === "object" ? [axis.sequence] : [])),
  );
  return Math.min(Number.POSITIVE_INFINITY, ...limits);
}

/** Number of token ids of a model. Throws `sdk/no-vocabulary` for a model that reads no tokens. */
export function vocabularySize(layout: Layout): number {
  const size = layout.spaces["vocab"]?.size;
  if (size !== undefined) return size;
  throw new UsageError(
    "sdk/no-vocabulary",
    `${layout.className} reads no tokens, so it cannot learn from text.`,
    { expected: "a vocabulary", actual: "none" },
  );
}
