import { createPlan, type Plan } from "@ligo/core";
import type { Context } from "../context.js";
import type { ModelSource } from "../models/model-source.js";
import type { ModelSpec } from "../models/model-spec.js";
import { openModel, type OpenedModel } from "../models/open-model.js";
import { withFile } from "../models/with-file.js";
import type { CheckedPlanSettings } from "../settings/types.generated.js";
import { targetModel } from "./target-config.js";
import { checkTargetSizes } from "./target-sizes.js";

/** A source, open, a target, and the plan between them. */
export interface Growth {
  readonly source: OpenedModel;
  readonly target: ModelSpec;
  readonly plan: Plan;
}

/** Settings that a growth is opened with. */
export type GrowthSettings = Pick<CheckedPlanSettings, "to" | "ties" | "architecture">;

/** Opens the source and plans its growth, from headers alone. The caller closes the source. */
export async function openGrowth(
  from: ModelSource,
  settings: GrowthSettings,
  context: Context,
  headersOnly: boolean = false,
): Promise<Growth> {
  const options = { ...context, architecture: settings.architecture, headersOnly };
  const source = await openModel(from, options);
  try {
    const target = await targetModel(settings.to ?? {}, source.spec, options);
    checkTargetSizes(source.spec, target);
    const plan = withFile(target.file, () =>
      createPlan(source.spec.layout, target.layout, { ties: settings.ties }),
    );
    return { source, target, plan };
  } catch (error) {
    await source.close();
    throw error;
  }
}
