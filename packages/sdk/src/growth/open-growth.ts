import { createPlan, type Plan } from "@ligo/core";
import { parseLayers, type LayerList } from "@ligo/core/methods";
import type { Context } from "../context.js";
import type { ModelSource } from "../models/model-source.js";
import type { ModelSpec } from "../models/model-spec.js";
import { openModel, type OpenedModel } from "../models/open-model.js";
import { withFile } from "../models/with-file.js";
import type { CheckedPlanSettings } from "../settings/types.generated.js";
import {
  targetModel,
  type TargetAccess,
  type TargetConfig,
  type TargetModel,
} from "./target-config.js";
import { withKindKeys } from "./target-layers.js";
import { checkTargetSizes } from "./target-sizes.js";

/** A source, open, a target, and the plan between them. */
export interface Growth {
  readonly source: OpenedModel;
  readonly target: TargetModel;
  readonly plan: Plan;
}

/** Settings that a growth is opened with. */
export type GrowthSettings = Pick<
  CheckedPlanSettings,
  "to" | "layers" | "parameters" | "ties" | "architecture"
>;

/** How a growth is opened. */
export interface OpenGrowthOptions {
  /** Default false. */
  readonly headersOnly?: boolean;
  /** Chooses the source layer of every target layer where settings list none. Default: the method's choice. */
  readonly chooseLayers?:
    | ((source: OpenedModel, target: TargetModel) => Promise<LayerList>)
    | undefined;
}

/** Opens the source and plans its growth, from headers alone. The caller closes the source. */
export async function openGrowth(
  from: ModelSource,
  settings: GrowthSettings,
  context: Context,
  { headersOnly = false, chooseLayers }: OpenGrowthOptions = {},
): Promise<Growth> {
  const options = { ...context, architecture: settings.architecture, headersOnly };
  const source = await openModel(from, options);
  try {
    const { layers: list, parameters, ties, to = {} } = settings;
    const targetOf = (access: TargetAccess): Promise<TargetModel> =>
      checkedTarget(to, source.spec, { ...options, parameters, ...access });
    const layers =
      list === undefined
        ? await chooseLayers?.(source, await targetOf({ emit: undefined }))
        : parseLayers(list);
    const target = await targetOf({ layers });
    const plan = withFile(target.file, () =>
      withKindKeys(target, () => createPlan(source.spec.layout, target.layout, { ties, layers })),
    );
    return { source, target, plan };
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function checkedTarget(
  to: TargetConfig,
  source: ModelSpec,
  access: TargetAccess,
): Promise<TargetModel> {
  const target = await targetModel(to, source, access);
  checkTargetSizes(source, target);
  return target;
}
