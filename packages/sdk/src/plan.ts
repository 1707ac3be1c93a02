import { inContext, type Handles } from "./context.js";
import { openGrowth } from "./growth/open-growth.js";
import type { ModelSource } from "./models/model-source.js";
import { reportPlan, type PlanReport } from "./plan-report.js";
import { check } from "./settings/check.js";
import { splitHandles } from "./settings/handles.js";
import { planSettings } from "./settings/plan.js";
import type { PlanSettings } from "./settings/types.generated.js";

/** Plans a growth: what would be grown from what, and what it costs. Reads headers alone and writes nothing. */
export async function plan(from: ModelSource, given: PlanSettings & Handles): Promise<PlanReport> {
  const { handles, settings: plain } = splitHandles(given);
  const { settings } = check(planSettings, plain);
  return inContext(handles, async (context) => {
    const growth = await openGrowth(from, settings, context, { headersOnly: true });
    try {
      return reportPlan(growth, settings);
    } finally {
      await growth.source.close();
    }
  });
}
