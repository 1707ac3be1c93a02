import type { MethodName } from "@ligo/core";
import type { Context } from "../../context.js";
import { loadEngine } from "../../models/load-engine.js";
import { askedLearning, LEARNER, learnsOperator } from "../../settings/method.js";
import type { CheckedGrowSettings } from "../../settings/types.generated.js";
import type { Timings } from "../../timings.js";
import { inOtherBatches, openGrowthData, type GrowthData } from "../growth-data.js";
import type { Growth } from "../open-growth.js";
import { candidateSettings, candidatesOf, namedCandidate } from "./candidates.js";
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
 * that keeps the function, or comes nearest; with data what a probe of a few starts chooses. Where that learns, it does so on smaller batches,
 * and takes no more than its share of the budget. Tells a choice, and why, as an event.
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
  const candidates = candidatesOf(growth.plan, growth.target.architecture);
  const { keeper, keeps } = candidates;
  const tell = async (
    method: MethodName,
    because: string,
    { data, probe }: { readonly data?: GrowthData; readonly probe?: Probe } = {},
  ): Promise<SettledMethod> => {
    const saw = probe === undefined ? {} : { probe };
    context.emit({ type: "method", ...namedCandidate(candidates, method), because, ...saw });
    const settled = { ...settings, method, ...candidateSettings(candidates, method) };
    if (data === undefined || !learnsOperator(settled)) return { settings: settled, probe, data };
    const learning = forLearning(settled, data);
    const again = await inOtherBatches(data, growth, learning, context, timings);
    return { settings: learning, probe, data: again };
  };
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

/** Share of the budget that goes to learning an operator whose steps nobody gave. */
const LEARNING_SHARE = 0.01;

/** Share of a batch of training that it is learned on: its few coefficients need no more. */
const LEARNING_BATCH = 1 / 4;

/**
 * Settings of learning, from those of the training that a probe tries: batches of {@link LEARNING_BATCH}, in as many parts as keep to
 * training's, and steps that take at most {@link LEARNING_SHARE} of the budget, where one is given.
 */
function forLearning(settings: CheckedGrowSettings, { task }: GrowthData): CheckedGrowSettings {
  const { batch, budget } = settings;
  const part = batch / settings.accumulate;
  const examples = Math.max(1, Math.floor(batch * LEARNING_BATCH));
  const accumulate = Math.ceil(examples / part);
  const smaller = {
    ...settings,
    accumulate,
    batch: accumulate * Math.floor(examples / accumulate),
  };
  if (budget === undefined) return smaller;
  const perStep = (smaller.batch / part) * task.unitsPerBatch;
  const steps = Math.max(
    1,
    Math.min(settings.steps, Math.floor((LEARNING_SHARE * budget) / perStep)),
  );
  const warmup = Math.ceil((settings.warmup * steps) / settings.steps);
  return { ...smaller, steps, warmup };
}
