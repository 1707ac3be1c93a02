import type { Architecture, RawConfig } from "@ligo/core";
import { parseLayers } from "@ligo/core/methods";
import { planGrowth } from "../growth/plan-growth.js";
import {
  chosenKeys,
  INLINE,
  inlineKeys,
  targetOf,
  type TargetKeys,
} from "../growth/target-model.js";
import { checkTargetSizes } from "../growth/target-sizes.js";
import { describeModel } from "../models/model-spec.js";
import { modelTypeOf } from "../models/model-type.js";
import { reportPlan, type PlanReport } from "../plan-report.js";
import { check } from "../settings/check.js";
import { planSettings } from "../settings/plan.js";
import type { PlanSettings } from "../settings/types.generated.js";
import { UsageError } from "../usage-error.js";

/** Settings of a plan between configs: those of `plan` that need no file. `to` is keys, JSON or a word. */
export type ConfigPlanSettings = Omit<
  PlanSettings,
  "architecture" | "growVocabulary" | "loseTokens" | "padVocabulary"
>;

/** Short dtypes of weights, by their names in a config and in safetensors. */
const SHORT: Readonly<Record<string, string>> = { float16: "F16", bfloat16: "BF16" };

/** dtype of the weights that a config is of, as safetensors calls it. */
function dtypeOf({ dtype, torch_dtype: older }: RawConfig): string {
  const name = dtype ?? older;
  return (typeof name === "string" ? SHORT[name] : undefined) ?? "F32";
}

function givenKeys(to: ConfigPlanSettings["to"] = {}): TargetKeys {
  if (typeof to !== "string") return { keys: to, file: INLINE, areChosen: false };
  if (to.trimStart().startsWith("{")) return inlineKeys(to);
  throw new UsageError(
    "sdk/target-missing",
    `The target ${to} is neither the keys of a config nor a word such as 2x, 2x-wide, 2x-deep; files are not read here.`,
    { expected: "keys, or a word", actual: to },
  );
}

/**
 * Plans a growth from configs alone. No file is read and no network asked, so it works in a browser; ties and biases that stored
 * tensors alone tell are those of the config.
 *
 * @param source keys of the source's `config.json`
 * @param architectures where the one that serves the `model_type` is looked for
 *
 * Throws `UsageError` `sdk/unknown-architecture`, `sdk/target-missing`; `SettingsError`; and what `plan` throws of source and target.
 */
export function planConfigs(
  source: RawConfig,
  architectures: readonly Architecture[],
  given: ConfigPlanSettings,
): PlanReport {
  const { settings } = check(planSettings, given);
  const modelType = modelTypeOf(source);
  const architecture = architectures.find(({ modelTypes }) =>
    modelTypes.some((type) => type === modelType),
  );
  if (architecture === undefined) {
    const known = architectures.flatMap(({ modelTypes }) => modelTypes).join(", ");
    throw new UsageError(
      "sdk/unknown-architecture",
      `No architecture here serves the model_type ${modelType} of the source. Known: ${known}.`,
      { expected: known, actual: modelType },
    );
  }
  const spec = describeModel(architecture, source, "config.json");
  const { layers: list, parameters } = settings;
  const sizing = { layers: list === undefined ? undefined : parseLayers(list), parameters };
  const keys = chosenKeys(given.to, spec, sizing) ?? givenKeys(given.to);
  const target = targetOf(keys, spec, sizing);
  checkTargetSizes(spec, target);
  const planned = planGrowth(spec, { target, rows: {} }, settings, sizing.layers);
  const checkpoint = { folder: spec.file, dtype: dtypeOf(source) };
  return reportPlan({ source: { spec, ignored: [], checkpoint }, target, ...planned }, settings);
}
