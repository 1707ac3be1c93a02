import { dataSettings } from "./data.js";
import { defineSettings, type CommandSettings } from "./define.js";
import { hasTarget, parametersAlone, targetSettings, vocabularyRules } from "./growth.js";
import { pick } from "./kinds.js";
import { methodOptions } from "./method.js";
import { modelSettings } from "./run.js";
import type { CheckedPlanSettings, PlanSettings } from "./types.generated.js";

export const planSettings: CommandSettings<PlanSettings, CheckedPlanSettings> = defineSettings<
  PlanSettings,
  CheckedPlanSettings
>(
  "plan",
  {
    ...targetSettings,
    ...pick(methodOptions, "form", "start"),
    ...pick(dataSettings, "batch", "sequence"),
    ...modelSettings,
  },
  { rules: [hasTarget, parametersAlone, ...vocabularyRules] },
);
