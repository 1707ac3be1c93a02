import type { SkippingOptions } from "@ligo/train";
import { loadModel } from "../models/load-model.js";
import type { ModelSpec } from "../models/model-spec.js";
import type { CheckedTrainSettings } from "../settings/types.generated.js";
import type { Task } from "../tasks/task.js";
import { UsageError } from "../usage-error.js";

/** Settings of what training leaves out at random, to cost less. */
type SkippingSettings = Pick<CheckedTrainSettings, "dropTokens" | "dropLayers">;

/** The options of a trainer that settings stand for. */
export function skippingOptions({
  dropLayers = 0,
  dropTokens = 0,
  seed,
}: SkippingSettings & Pick<CheckedTrainSettings, "seed">): SkippingOptions | undefined {
  if (dropTokens === 0 && dropLayers === 0) return undefined;
  return { seed, tokens: dropTokens, layers: dropLayers };
}

/**
 * Throws `sdk/cannot-skip` for a model whose layers all see everything, `sdk/nothing-dropped` where so little is to be dropped
 * that nothing is, and `sdk/dropped-twice` beside stochastic depth.
 *
 * @param batch sequences of a micro-batch
 */
export async function checkSkipping(
  spec: ModelSpec,
  task: Task,
  batch: number,
  { dropLayers = 0, dropTokens = 0 }: SkippingSettings,
): Promise<void> {
  if (dropTokens === 0 && dropLayers === 0) return;
  const { skipping } = await loadModel(spec);
  const { file } = spec;
  if (skipping === undefined) {
    throw new UsageError(
      "sdk/cannot-skip",
      `${file}: the layers of ${spec.className} cannot skip tokens or sequences. Leave out \`dropTokens\` and \`dropLayers\`.`,
      { file, actual: spec.className },
    );
  }
  const { droppedTokens, skippingSequences } = await import("@ligo/nn");
  const nothing = (option: string, expected: string, actual: string): UsageError =>
    new UsageError(
      "sdk/nothing-dropped",
      `\`${option}\` would drop nothing: it needs ${expected}, not ${actual}.`,
      { file, expected, actual },
    );
  const layers = Object.values(spec.layout.stacks).reduce((sum, stack) => sum + stack.layers, 0);
  if (dropTokens > 0) {
    if (layers < 3) {
      throw nothing("dropTokens", "a layer between the first and the last", `${layers} layers`);
    }
    const { sequence } = task.cost;
    if (droppedTokens(dropTokens, sequence, skipping.wholeTokens) < 1) {
      throw nothing("dropTokens", "half a token of every sequence", `${dropTokens} of ${sequence}`);
    }
  }
  if (dropLayers > 0) {
    if ("stochastic_depth" in task.specs) {
      throw new UsageError(
        "sdk/dropped-twice",
        "`stochasticDepth` and `dropLayers` both leave out layers. Use one of them.",
        { expected: "one of them" },
      );
    }
    if (skippingSequences(dropLayers, layers - 1, layers, batch) < 1) {
      throw nothing("dropLayers", "half a sequence of every batch", `${dropLayers} of ${batch}`);
    }
  }
}
