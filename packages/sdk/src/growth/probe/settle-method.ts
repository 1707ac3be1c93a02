import type { MethodName } from "@ligo/core";
import type { Context } from "../../context.js";
import { loadEngine } from "../../models/load-engine.js";
import { askedLearning, LEARNER } from "../../settings/method.js";
import type { CheckedGrowSettings } from "../../settings/types.generated.js";
import type { Timings } from "../../timings.js";
import { openGrowthData, type GrowthData } from "../growth-data.js";
import type { Growth } from "../open-growth.js";
import { candidatesOf } from "./candidates.js";
import type { Probe } from "./facts.js";

/** Settings whose method is settled, and the probe that settled it. */
export interface SettledMethod {
  readonly settings: CheckedGrowSettings;
  readonly probe: Probe | undefined;
  /** The data of the growth, where the probe opened them. */
  readonly data: GrowthData | undefined;
}

/**
 * Settles which method `auto` is for a growth: LiGO where settings are given that only learning it reads; without data the start
 * that keeps the function, or comes nearest; with data what a probe of a few starts chooses. Tells a choice, and why, as an event.
 */
export async function settleMethod(
  growth: Growth,
  settings: CheckedGrowSettings,
  context: Context,
  timings: Timings,
): Promise<SettledMethod> {
  if (settings.method !== "auto" || settings.operator !== undefined)
    return { settings, probe: undefined, data: undefined };
  if (askedLearning(context.given ?? new Set()).length > 0)
    return { settings: { ...settings, method: LEARNER }, probe: undefined, data: undefined };
  const tell = (
    method: MethodName,
    because: string,
    { data, probe }: { readonly data?: GrowthData; readonly probe?: Probe } = {},
  ): SettledMethod => {
    context.emit({ type: "method", method, because, ...(probe === undefined ? {} : { probe }) });
    return { settings: { ...settings, method }, probe, data };
  };
  const { architecture } = growth.target;
  const candidates = candidatesOf(growth.plan, architecture);
  const { keeper, keeps } = candidates;
  if (settings.data === undefined) {
    const how = keeps
      ? "it keeps the function"
      : "nothing keeps the function, and it comes nearest";
    return tell(keeper, `there are no data to choose by, and ${how}`);
  }
  const data = await openGrowthData(growth, settings, context, timings);
  const engine = await loadEngine(settings.engine);
  const { probeStarts } = await import("./probe.js");
  const probe = await probeStarts({
    growth,
    candidates,
    settings,
    engine,
    ...data,
    timings,
    context,
  });
  return tell(probe.chosen, probe.because, { data, probe });
}
