import { parameterCount, type Operator } from "@ligo/core";
import { layersText } from "@ligo/core/methods";
import { grownOrigins } from "@ligo/core/stream";
import { writeOutputFolder } from "@ligo/checkpoint";
import type { Context } from "../context.js";
import { initialDeviation } from "../models/initial-deviation.js";
import type { ModelSource } from "../models/model-source.js";
import { tellUnused } from "../models/open-model.js";
import { outputDtype } from "../models/output-dtype.js";
import { RECIPE_NAME, recipeSettings, writeRecipe, type StoredRecipe } from "../runs/recipe.js";
import { inRun, tellLeftovers } from "../runs/run-folder.js";
import type { Run } from "../runs/run.js";
import { growthSettings, usedSettings } from "../settings/recorded.js";
import { learnsOperator } from "../settings/method.js";
import type { CheckedGrowSettings } from "../settings/types.generated.js";
import { METRICS_NAME } from "../training/metrics-file.js";
import { createTimings, type Timings } from "../timings.js";
import { methodOptions, methodOf, startOperator } from "./grow-method.js";
import { growOnData } from "./grow-on-data.js";
import type { GrownContents } from "./grown-contents.js";
import { grownInFolder, grownInMemory } from "./make-grown.js";
import type { GrownModel } from "./grown-model.js";
import { functionKept } from "./keeps-function.js";
import { withOperatorEpsilon } from "./norm-epsilon.js";
import type { GrowthData } from "./growth-data.js";
import { openGrowth, type Growth } from "./open-growth.js";
import { operatorInMemory, withOperatorFile, type OpenedOperator } from "./operator-file.js";
import type { Probe } from "./probe/facts.js";
import { settleMethod } from "./probe/settle-method.js";
import { similarLayers } from "./similar-layers.js";
import { openProbe } from "./open-probe.js";
import { warnOfLosses } from "./warn-of-losses.js";
import { withGrownMoments } from "./with-grown-moments.js";
import { writeGrown } from "./write-grown.js";

/**
 * Grows a model: opens the source, plans, makes the operator or learns it in a run, and writes the grown model into a folder,
 * all or nothing, or hands it back in memory.
 *
 * @param resume recipe of a run that was stopped
 */
export async function growModel(
  from: ModelSource,
  given: CheckedGrowSettings,
  context: Context,
  resume?: StoredRecipe,
): Promise<GrownModel> {
  const timings = createTimings(context.emit);
  const growth = await openGrowth(from, given, context, {
    chooseLayers:
      given.layersBy === undefined
        ? undefined
        : (source, target) => similarLayers(source, target, { settings: given, context, timings }),
  });
  const { chosen, layout } = growth.target;
  if (chosen !== undefined)
    context.emit({ type: "sizes", to: chosen, parameters: parameterCount(layout) });
  tellUnused(growth.source, growth.target.className, growth.plan.dropped, context);
  try {
    return await withOperatorFile(growth.plan, given.operator, async (stored) => {
      const { data, probe, settings } = await settleMethod(growth, given, context, timings);
      const surroundings = {
        settings,
        data,
        context,
        timings,
        from,
        probe: probe ?? resume?.probe,
      };
      if (!learnsOperator(settings)) return growInto(growth, stored, undefined, surroundings);
      return inRun({ ...settings, command: "grow", resume, timings, context }, (run) =>
        growInto(growth, undefined, run, surroundings),
      );
    });
  } finally {
    await growth.source.close();
  }
}

/** Settings with the whole config and the list of layers that those of the target stand for. */
function settled(settings: CheckedGrowSettings, { plan, target }: Growth): CheckedGrowSettings {
  const { layers } = plan;
  const whole = { ...settings, to: target.raw, parameters: undefined };
  return layers === undefined ? whole : { ...whole, layers: layersText(layers) };
}

/** Surroundings of a growth. */
interface Surroundings {
  readonly settings: CheckedGrowSettings;
  readonly context: Context;
  readonly timings: Timings;
  readonly from: ModelSource;
  /** The data, where they are open already. */
  readonly data: GrowthData | undefined;
  /** The probe that chose the method, where one did. */
  readonly probe: Probe | undefined;
}

async function growInto(
  opened: Growth,
  stored: OpenedOperator | undefined,
  run: Run | undefined,
  { context, data, from, probe, settings: given, timings }: Surroundings,
): Promise<GrownModel> {
  const method = methodOf(given);
  const asked =
    stored === undefined && method.asksData === true
      ? await openProbe(opened, given, context, timings, data)
      : undefined;
  const start: Operator | OpenedOperator =
    stored ??
    (await startOperator(
      opened.plan,
      given,
      initialDeviation(opened.target),
      (name, into, start) => opened.base.read(name, into, start),
      asked?.probe,
    ));
  const growth = withOperatorEpsilon(opened, start, context);
  const settings = settled(given, growth);
  const found =
    settings.data === undefined
      ? undefined
      : await growOnData({
          growth,
          start,
          settings,
          context,
          timings,
          run,
          from,
          data: asked?.data ?? data,
          probe,
        });
  const operator = found?.learned?.operator ?? start;
  const isLearned = found?.learned !== undefined && settings.steps > 0;
  warnOfLosses(found?.losses ?? {}, { method, isLearned, growth }, context);
  const contents = {
    growth,
    operator,
    settings,
    recorded: { ...growthSettings(settings), ...found?.task.settings },
    method: stored === undefined ? method.name : "operator",
    kept: functionKept(growth, {
      method,
      options: methodOptions(method, settings),
      isLearned,
      isGiven: stored !== undefined,
      normEpsilonScale: operator.normEpsilonScale,
    }),
    parameters: {
      source: parameterCount(growth.source.spec.layout),
      target: parameterCount(growth.target.layout),
    },
    dtype: outputDtype(settings.dtype, growth.source.checkpoint.dtype),
    task: found?.task,
    losses: found?.losses ?? {},
    probe,
    flops: found?.learned?.flops ?? asked?.flops() ?? null,
    sourceRecord: found?.sourceRecord,
    grown: found?.grown,
    origins: originsOf(growth, operator),
    further: run === undefined ? [RECIPE_NAME] : [METRICS_NAME, RECIPE_NAME],
    timings,
    context,
  };
  return withGrownMoments(contents, (moments) =>
    finishGrowth({ ...contents, moments }, { run, from, save: () => found?.learned?.save() }),
  );
}

/** The origins of a grown model's entries, found once. */
function originsOf(
  { plan, rows }: Growth,
  operator: Operator | OpenedOperator,
): GrownContents["origins"] {
  let found: ReturnType<GrownContents["origins"]> | undefined;
  return () => (found ??= grownOrigins(plan, operator, rows));
}

/** Surroundings of the end of a growth. */
interface Finish extends Pick<Surroundings, "from"> {
  readonly run: Run | undefined;
  /** Saves what was learned. */
  readonly save: () => Promise<void> | undefined;
}

async function finishGrowth(
  contents: GrownContents,
  { from, run, save }: Finish,
): Promise<GrownModel> {
  const { context, growth, operator, settings } = contents;
  const { out } = settings;
  if (out === undefined)
    return grownInMemory(contents, await operatorInMemory(growth.plan, operator));
  try {
    const written = await (run === undefined
      ? writeOutputFolder(
          out,
          async (folder) => {
            const used = usedSettings(settings);
            await writeRecipe(folder, {
              command: "grow",
              settings: recipeSettings(from, used),
              inputs: {},
              probe: contents.probe,
            });
            return writeGrown(folder, contents);
          },
          (paths) => tellLeftovers(paths, context),
        )
      : run.finish((folder) => writeGrown(folder, contents)));
    return grownInFolder(out, contents, written);
  } catch (error) {
    if (context.signal.aborted) await save();
    throw error;
  }
}
