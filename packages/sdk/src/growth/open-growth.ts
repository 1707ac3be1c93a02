import type { Plan } from "@ligo/core";
import { parseLayers, type LayerList } from "@ligo/core/methods";
import type { RowGrowth } from "@ligo/core/stream";
import type { Context } from "../context.js";
import type { ModelSource } from "../models/model-source.js";
import type { ModelSpec } from "../models/model-spec.js";
import { openModel, type OpenedModel } from "../models/open-model.js";
import type { CheckedPlanSettings } from "../settings/types.generated.js";
import { growVocabulary, type VocabularySettings } from "./grow-vocabulary.js";
import { growthBase, storedGrowths, type GrowthBase, type RowSettings } from "./grown-rows.js";
import { readStoredRows } from "./operator-file.js";
import type { Tokenizers } from "./special-tokens.js";
import { planGrowth } from "./plan-growth.js";
import { targetModel, type TargetAccess, type TargetConfig } from "./target-config.js";
import type { TargetModel } from "./target-model.js";
import { checkTargetSizes } from "./target-sizes.js";

/** A source, open, a target, and the plan between them. */
export interface Growth {
  readonly source: OpenedModel;
  readonly target: TargetModel;
  /** How tables get the rows of the target, before anything else grows. */
  readonly rows: readonly RowGrowth[];
  /** The source with these rows: what the plan grows. */
  readonly base: GrowthBase;
  readonly plan: Plan;
  /** The tokenizers before and after, where the vocabulary grows to one that is given. */
  readonly tokenizers: Tokenizers | undefined;
  /** Tokens of the source that are given up. */
  readonly lostTokens: readonly string[];
}

/** Settings that a growth is opened with. */
export type GrowthSettings = Pick<
  CheckedPlanSettings,
  "to" | "layers" | "parameters" | "ties" | "architecture"
> &
  VocabularySettings &
  RowSettings & {
    /** File of an operator that is given. */
    readonly operator?: string | undefined;
  };

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
    const { layers: list, operator, parameters, to = {} } = settings;
    const targetOf = (access: TargetAccess): Promise<TargetModel> =>
      checkedTarget(to, source.spec, { ...options, parameters, ...access });
    const layers =
      list === undefined
        ? await chooseLayers?.(source, await targetOf({ emit: undefined }))
        : parseLayers(list);
    const sized = await targetOf({ layers });
    const vocabulary = await growVocabulary(source, sized, settings, context);
    const { lost: lostTokens, target, tokenizers } = vocabulary;
    const planned = planGrowth(source.spec, vocabulary, settings, layers);
    const rows =
      operator === undefined
        ? planned.rows
        : storedGrowths(planned.rows, await readStoredRows(operator), operator);
    const base = growthBase(source, vocabulary, rows);
    return { source, target, rows, base, plan: planned.plan, tokenizers, lostTokens };
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
