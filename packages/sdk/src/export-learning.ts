import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { elementCount, memorySource, type Plan } from "@ligo/core";
import { learnableRows } from "@ligo/core/operator";
import { freshTensors } from "@ligo/core/stream";
import { renderJson, writeOutputFolder, writeSafetensors } from "@ligo/checkpoint";
import type { OperatorLearningOptions } from "@ligo/train";
import { inContext, type Context, type Handles } from "./context.js";
import { dumpSteps } from "./exported/dump-steps.js";
import { FILES, learningDocument } from "./exported/learning-document.js";
import { methodOf, startOperator } from "./growth/grow-method.js";
import { openGrowthData } from "./growth/growth-data.js";
import { learnerOptions } from "./growth/learn-operator.js";
import { withOperatorEpsilon } from "./growth/norm-epsilon.js";
import { openGrowth, type Growth } from "./growth/open-growth.js";
import { OPERATOR_NAME, writeOperator } from "./growth/operator-file.js";
import { chooseEngine } from "./models/choose-engine.js";
import { initialDeviation } from "./models/initial-deviation.js";
import { loadEngine } from "./models/load-engine.js";
import { loadObjective } from "./models/load-model.js";
import type { ModelSource } from "./models/model-source.js";
import type { Task } from "./tasks/task.js";
import { tellLeftovers } from "./runs/run-folder.js";
import { check } from "./settings/check.js";
import { exportLearningSettings } from "./settings/export-learning.js";
import { growSettings } from "./settings/grow.js";
import { splitHandles } from "./settings/handles.js";
import type {
  CheckedGrowSettings,
  ExportLearningSettings,
  GrowSettings,
} from "./settings/types.generated.js";
import { createTimings } from "./timings.js";
import { scheduleOf } from "./training/optimization.js";

/** What {@link exportLearning} wrote. */
export interface ExportedLearning {
  readonly command: "export";
  readonly out: string;
  readonly method: string;
  readonly objective: string;
  /** Numbers of the operator that are to be learned. */
  readonly learnableValues: number;
  readonly steps: number;
  /** Steps that were computed here. */
  readonly dumped: number;
  readonly files: readonly string[];
}

/**
 * Writes what learning the operator of a growth elsewhere needs, and learns nothing: the plan as data, the operator that learning
 * starts from, the config of the target, what starts afresh, and where the tokens are. With `dumpSteps` the first steps are
 * computed here, for others to be held against. `grow` applies the operator that comes back (`operator`).
 *
 * Throws `LigoError`s for bad input.
 */
export async function exportLearning(
  from: ModelSource,
  given: ExportLearningSettings & Handles,
): Promise<ExportedLearning> {
  const { handles, settings: plain } = splitHandles(given);
  const { dumpSteps: dumped, out } = check(exportLearningSettings, plain).settings;
  const { dumpSteps: _dumped, method = "ligo", ...rest } = plain as Partial<ExportLearningSettings>;
  const grown = { ...rest, method } as GrowSettings;
  return inContext(handles, async (context) => {
    const { settings } = check(growSettings, grown);
    const engine = await chooseEngine(settings.engine, context);
    const growth = await openGrowth(from, settings, context);
    try {
      return await writeOutputFolder(
        out,
        (folder) => writeLearning(folder, { ...settings, engine, out }, dumped, growth, context),
        (paths) => tellLeftovers(paths, context),
      );
    } finally {
      await growth.source.close();
    }
  });
}

/** A learning whose parts are made. */
interface Prepared {
  readonly growth: Growth;
  readonly task: Task;
  readonly learning: OperatorLearningOptions & {
    readonly fresh: ReadonlyMap<string, Float32Array>;
  };
  readonly learningRates: readonly number[];
}

async function prepare(
  opened: Growth,
  settings: CheckedGrowSettings,
  context: Context,
): Promise<Prepared> {
  const timings = createTimings(context.emit);
  const { task, weights } = await openGrowthData(opened, settings, context, timings);
  const read = memorySource(weights);
  const { plan } = opened;
  const operator = await startOperator(plan, settings, initialDeviation(opened.target), read);
  const growth = withOperatorEpsilon(opened, operator, context);
  const schedule = await scheduleOf(settings);
  const part = methodOf(settings).learns || "all";
  const objective = await loadObjective(growth.target, task.objective);
  const of = { plan, operator, part, settings, source: weights, task };
  return {
    growth,
    task,
    learning: {
      ...learnerOptions(of, objective),
      fresh: await freshTensors(plan, operator, read),
    },
    learningRates: Array.from({ length: settings.steps }, (_, step) => schedule(step)),
  };
}

async function writeLearning(
  folder: string,
  settings: CheckedGrowSettings & { readonly out: string },
  dumped: number,
  opened: Growth,
  context: Context,
): Promise<ExportedLearning> {
  const { growth, learning, learningRates, task } = await prepare(opened, settings, context);
  const { fresh, operator, plan } = learning;
  const { operatorLoss } = await import("@ligo/train");
  const learned = operatorLoss(learning).learnable;
  await writeOperator(folder, operator);
  await writeFile(join(folder, FILES.config), renderJson(growth.target.raw));
  if (fresh.size > 0) await writeFresh(join(folder, FILES.fresh), plan, fresh);
  if (dumped > 0) {
    await mkdir(join(folder, FILES.steps));
    const { accumulate } = settings;
    const engine = await loadEngine(settings.engine);
    const dump = { folder, engine, learning, task, accumulate, learningRates, context };
    await dumpSteps({ ...dump, steps: dumped });
  }
  const method = methodOf(settings).name;
  const document = learningDocument({
    growth,
    source: await growth.source.record(context.signal),
    settings,
    method,
    operator,
    operatorFile: OPERATOR_NAME,
    learnable: learnableRows(plan, operator, learning.learn),
    rates: Object.fromEntries(
      Object.entries(learned).map(([name, { rate = 1 }]) => [name, rate] as const),
    ),
    isFresh: fresh.size > 0,
    objective: task.objective,
    unit: task.unit,
    learningRates,
    tokens: task.tokens?.(),
    dumped,
  });
  await writeFile(join(folder, FILES.document), renderJson(document));
  return {
    command: "export",
    out: settings.out,
    method,
    objective: task.objective,
    learnableValues: Object.values(learned).reduce(
      (sum, { shape }) => sum + elementCount(shape),
      0,
    ),
    steps: settings.steps,
    dumped,
    files: [
      FILES.document,
      FILES.config,
      OPERATOR_NAME,
      ...(fresh.size > 0 ? [FILES.fresh] : []),
      ...(dumped > 0 ? [FILES.steps] : []),
    ],
  };
}

async function writeFresh(
  file: string,
  { tensors }: Plan,
  fresh: ReadonlyMap<string, Float32Array>,
): Promise<void> {
  const sources = tensors.flatMap(({ name, shape }) => {
    const data = fresh.get(name);
    return data === undefined ? [] : [{ name, shape, data: () => data }];
  });
  await writeSafetensors(file, sources);
}
