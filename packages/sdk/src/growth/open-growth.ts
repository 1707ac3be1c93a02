import { createPlan, type Plan } from "@ligo/core";
import { withRowsOf, type RowGrowth } from "@ligo/core/stream";
import type { Context } from "../context.js";
import type { ModelSource } from "../models/model-source.js";
import type { ModelSpec } from "../models/model-spec.js";
import { openModel, type OpenedModel } from "../models/open-model.js";
import { withFile } from "../models/with-file.js";
import type { CheckedPlanSettings } from "../settings/types.generated.js";
import { growVocabulary, type VocabularySettings } from "./grow-vocabulary.js";
import {
  growthBase,
  rowGrowths,
  storedGrowths,
  type GrowthBase,
  type RowSettings,
} from "./grown-rows.js";
import { readStoredRows } from "./operator-file.js";
import type { Tokenizers } from "./special-tokens.js";
import { targetModel } from "./target-config.js";
import { checkTargetSizes } from "./target-sizes.js";

/** A source, open, a target, and the plan between them. */
export interface Growth {
  readonly source: OpenedModel;
  readonly target: ModelSpec;
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
export type GrowthSettings = Pick<CheckedPlanSettings, "to" | "ties" | "architecture"> &
  VocabularySettings &
  RowSettings & {
    /** File of an operator that is given. */
    readonly operator?: string | undefined;
  };

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
    const sized = await targetModel(settings.to ?? {}, source.spec, options);
    checkTargetSizes(source.spec, sized);
    const vocabulary = await growVocabulary(source, sized, settings, context);
    const { target, tokenizers } = vocabulary;
    const { operator } = settings;
    const [plan, asked] = withFile(target.file, () => {
      const growths = rowGrowths(source.spec, vocabulary, settings);
      const from = withRowsOf(source.spec.layout, growths);
      return [createPlan(from, target.layout, { ties: settings.ties }), growths] as const;
    });
    const rows =
      operator === undefined
        ? asked
        : storedGrowths(asked, await readStoredRows(operator), operator);
    return {
      source,
      target,
      rows,
      base: growthBase(source, vocabulary, rows),
      plan,
      tokenizers,
      lostTokens: vocabulary.lost,
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}
