import type { Handles } from "./context.js";
import type { EvaluateResult } from "./evaluation/evaluation.js";
import type { ModelSource } from "./models/model-source.js";
import { open } from "./open.js";
import { check } from "./settings/check.js";
import { evaluateSettings } from "./settings/evaluate.js";
import { splitHandles } from "./settings/handles.js";
import type { EvaluateSettings } from "./settings/types.generated.js";

/** Loss, perplexity, accuracy and scores of a model on data. Nothing is written but predictions that are asked for. */
export async function evaluate(
  from: ModelSource,
  given: EvaluateSettings & Handles,
): Promise<EvaluateResult> {
  const { handles, settings } = splitHandles(given);
  const { architecture, engine } = check(evaluateSettings, settings).settings;
  const model = await open(from, { ...handles, architecture, engine });
  try {
    return await model.evaluate(settings);
  } finally {
    await model.close();
  }
}
