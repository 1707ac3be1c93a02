import { basename, resolve } from "node:path";
import { parameterCount } from "@ligo/core";
import { writtenTensors } from "@ligo/core/layout";
import { configOfDtype, writeCheckpoint, type OutputDtype } from "@ligo/checkpoint";
import { CARD_NAME, inheritedHeadOf } from "../card/card-head.js";
import type { GrowthSummary } from "../card/growth-summary.js";
import { writeCard } from "../card/model-card.js";
import type { Context } from "../context.js";
import { modelTypeOf } from "../models/model-type.js";
import { loadEngine } from "../models/load-engine.js";
import { readCompanions, readWeights, type ReadFile } from "../models/open-model.js";
import { outputDtype } from "../models/output-dtype.js";
import {
  RECORD_NAME,
  configHash,
  recordedSettings,
  softwareVersions,
  writeRecord,
  type SourceRecord,
} from "../models/record-file.js";
import { peakMemoryBytes } from "../peak-memory.js";
import { RECIPE_NAME, recipeInputs, recipeSettings, type StoredRecipe } from "../runs/recipe.js";
import { inRun } from "../runs/run-folder.js";
import type { Run } from "../runs/run.js";
import { OPTIMIZER_NAME, writeMoments } from "../moments/moments-file.js";
import { readStart } from "../runs/stepper-checkpoint.js";
import { trainedSettings } from "../settings/recorded.js";
import type { CheckedTrainSettings } from "../settings/types.generated.js";
import { microBatchSize } from "../tasks/micro-batches.js";
import { openTask } from "../tasks/open-task.js";
import type { Task } from "../tasks/task.js";
import { createTimings, type Timings } from "../timings.js";
import { METRICS_NAME } from "./metrics-file.js";
import { openStart, type TrainingStart } from "./open-start.js";
import type { TrainSource } from "../models/model-source.js";
import { resumedMoments, startMoments } from "./start-moments.js";
import { checkSkipping } from "./skipping.js";
import { trainOnTask, type TrainingOutcome } from "./train-on-task.js";
import { trainedInFolder, trainedInMemory } from "./make-trained.js";
import type { TrainedModel, TrainingFacts } from "./trained-model.js";
import { trainingSteps, type TrainingSettings } from "./training-steps.js";

/**
 * Trains a model on, or a new one from its config, by one of its objectives, and writes it into the folder of its run, with
 * `metrics.jsonl`, `recipe.json` and `ligo.json`, and checkpoints on the way; or hands it back in memory.
 *
 * @param resume recipe of a run that was stopped
 */
export async function trainModel(
  from: TrainSource,
  settings: CheckedTrainSettings,
  context: Context,
  resume?: StoredRecipe,
): Promise<TrainedModel> {
  const timings = createTimings(context.emit);
  const start = await openStart(from, settings, context);
  try {
    return await inRun({ ...settings, command: "train", resume, timings, context }, (run) =>
      trainInto(run, start, { from, settings, context, timings }),
    );
  } finally {
    await start.close();
  }
}

/** Surroundings of a training. */
interface Surroundings {
  readonly from: TrainSource;
  readonly settings: CheckedTrainSettings;
  readonly context: Context;
  readonly timings: Timings;
}

async function trainInto(
  run: Run,
  start: TrainingStart,
  surroundings: Surroundings,
): Promise<TrainedModel> {
  const { context, timings } = surroundings;
  const { spec } = start;
  const task = await timings.time("read", () => openTrainingData(start, surroundings));
  const settings = trainingSteps(surroundings.settings, task);
  await checkSkipping(spec, task, microBatchSize(settings.batch, settings.accumulate), settings);
  const { heldOut, objective, training } = task;
  context.emit({ type: "data", objective, training, heldOut });
  const engine = await loadEngine(settings.engine);
  const source = await timings.time("hash", () => start.record());
  const { from } = run;
  const weights = await timings.time("read", () =>
    from === undefined ? start.weights() : readWeights(from.folder, { ...context, ...settings }),
  );
  const before = from && (await readStart(from, weights));
  const moments =
    before === undefined ? await startMoments(start, settings, context) : resumedMoments(before);
  const files = await readCompanions(await start.companions(task.files));
  const outcome = await trainOnTask({
    settings,
    engine,
    spec,
    weights,
    task,
    run,
    recipe: {
      command: "train",
      settings: recipeSettings(surroundings.from, {
        ...settings,
        // left open where it was
        teacherSteps: surroundings.settings.teacherSteps,
      }),
      inputs: recipeInputs({
        engine: engine.name,
        source,
        data: await timings.time("hash", () => task.fingerprint()),
      }),
    },
    start: before,
    moments,
    old: start.old,
    save: async (folder, trained) => {
      await writeTrained(folder, start, { dtype: "F32", files, weights: trained });
    },
    timings,
    context,
  });
  const dtype = outputDtype(settings.dtype, start.dtype);
  const facts = factsOf(outcome, { settings, start, task, timings });
  const { out } = settings;
  if (out === undefined) return trainedInMemory(spec, outcome, dtype, files, facts());
  return run.finish(async (folder) => {
    const { maxShardSize: maxShardBytes } = settings;
    const trained = { dtype, files, maxShardBytes, weights: outcome.weights };
    const written = await timings.time("write", () => writeTrained(folder, start, trained));
    const own = outcome.moments === undefined ? [] : [OPTIMIZER_NAME];
    if (outcome.moments !== undefined) await writeMoments(folder, outcome.moments, spec.layout);
    const growth = await start.growth();
    const card = growth === undefined ? [] : [CARD_NAME];
    const all = [...written, ...own, METRICS_NAME, RECIPE_NAME, ...card, RECORD_NAME];
    const found = facts(all);
    if (growth !== undefined) await writeTrainedCard(folder, found, { growth, settings, start });
    await writeTrainingRecord(folder, found, { settings, source, start, task, dtype, growth });
    return trainedInFolder(out, configOfDtype(writtenConfig(start), dtype), found);
  });
}

async function openTrainingData(
  start: TrainingStart,
  { context, settings }: Surroundings,
): Promise<Task> {
  return openTask(start.spec, {
    ...context,
    ...settings,
    batch: microBatchSize(settings.batch, settings.accumulate),
    folder: start.folder,
  });
}

const writtenConfig = ({ spec }: TrainingStart): Readonly<Record<string, unknown>> => ({
  ...spec.raw,
  architectures: [spec.className],
});

/** Weights as they are written, and the files beside them. */
interface TrainedContents {
  readonly dtype: OutputDtype;
  readonly files: readonly ReadFile[];
  /** Default: that of checkpoints. */
  readonly maxShardBytes?: number | undefined;
  readonly weights: ReadonlyMap<string, Float32Array>;
}

async function writeTrained(
  folder: string,
  start: TrainingStart,
  { dtype, files, maxShardBytes, weights }: TrainedContents,
): Promise<readonly string[]> {
  const written = await writeCheckpoint(folder, {
    config: writtenConfig(start),
    tensors: writtenTensors(start.spec.layout).map(({ name, shape, source }) => ({
      name,
      shape,
      data: () => weights.get(source) ?? new Float32Array(0),
    })),
    dtype,
    maxShardBytes,
    extraFiles: files,
  });
  return written.files;
}

interface FactSources {
  readonly settings: TrainingSettings;
  readonly start: TrainingStart;
  readonly task: Task;
  readonly timings: Timings;
}

/** Facts of a training, to be asked for once the last thing is timed. */
function factsOf(
  outcome: TrainingOutcome,
  { settings, start, task, timings }: FactSources,
): (files?: readonly string[]) => TrainingFacts {
  const { targetLoss } = settings;
  return (files = []) => ({
    parameters: parameterCount(start.spec.layout),
    steps: outcome.steps,
    ...(targetLoss === undefined ? {} : { targetReached: outcome.heldOut.loss <= targetLoss }),
    objective: task.objective,
    judgedBy: task.judgedBy,
    loss: outcome.loss,
    heldOut: outcome.heldOut,
    [task.unit]: outcome.amount,
    flops: outcome.flops,
    seconds: timings.seconds,
    peakMemoryBytes: peakMemoryBytes(),
    files,
  });
}

interface RecordSources {
  readonly settings: TrainingSettings;
  readonly source: SourceRecord;
  readonly start: TrainingStart;
  readonly task: Task;
  readonly dtype: OutputDtype;
  readonly growth: GrowthSummary | undefined;
}

/** The card of a grown model that was trained on; its head is that of the card it had before. */
async function writeTrainedCard(
  folder: string,
  { heldOut, objective, steps }: TrainingFacts,
  {
    growth,
    settings,
    start,
  }: { readonly growth: GrowthSummary } & Pick<FactSources, "settings" | "start">,
): Promise<void> {
  await writeCard(folder, {
    name: basename(resolve(settings.out ?? folder)),
    modelType: modelTypeOf(start.spec.raw),
    className: start.spec.className,
    growth,
    training: { objective, steps, heldOutLoss: heldOut.loss, data: settings.data },
    inherited: await inheritedHeadOf(start.folder),
  });
}

async function writeTrainingRecord(
  folder: string,
  { heldOut, judgedBy, peakMemoryBytes: peak, targetReached, ...facts }: TrainingFacts,
  { dtype, growth, settings, source, start, task }: RecordSources,
): Promise<void> {
  const { spec } = start;
  await writeRecord(folder, {
    format: "ligo.record",
    format_version: 1,
    command: "train",
    versions: softwareVersions(),
    settings: recordedSettings({ ...trainedSettings(settings), ...task.settings }),
    source,
    target: { class: spec.className, config_sha256: configHash(spec.raw), dtype },
    losses: { last: facts.loss, held_out: heldOut.loss },
    ...facts,
    ...(targetReached === undefined ? {} : { target_reached: targetReached }),
    judged_by: judgedBy,
    held_out: heldOut,
    peak_memory_bytes: peak,
    ...(growth === undefined ? {} : { growth }),
  });
}
