import { inContext, type Context, type Handles } from "./context.js";
import { growModel } from "./growth/grow-model.js";
import type { GrownModel } from "./growth/grown-model.js";
import type { ModelSource } from "./models/model-source.js";
import { chooseEngine } from "./models/choose-engine.js";
import type { EngineName } from "./models/engine-name.js";
import { check } from "./settings/check.js";
import { growSettings } from "./settings/grow.js";
import { splitHandles } from "./settings/handles.js";
import type { CheckedGrowSettings, GrowSettings } from "./settings/types.generated.js";

/**
 * Grows a model, into a folder (`out`) or in memory. Everything that can be checked is checked before anything long starts.
 * While an operator is learned into a folder, checkpoints of it are saved there, and `resume` goes on from them.
 *
 * Throws `LigoError`s for bad input. Where the signal is aborted, `run/interrupted` once a step is saved, and the signal's
 * reason before.
 */
export async function grow(from: ModelSource, given: GrowSettings & Handles): Promise<GrownModel> {
  const { handles, settings: plain } = splitHandles(given);
  const { given: names, settings } = check(growSettings, plain);
  return inContext(handles, async (context) => {
    const engine = await growthEngine(settings, context);
    return growModel(from, { ...settings, engine }, { ...context, given: names });
  });
}

/** Without data no model computes; the products of weights are onnxruntime's on the CPU. */
async function growthEngine(
  { data, engine }: CheckedGrowSettings,
  context: Context,
): Promise<EngineName> {
  if (data === undefined && engine === "auto") return "onnx";
  return data === undefined ? engine : chooseEngine(engine, context);
}
