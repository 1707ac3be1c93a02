import { join } from "node:path";
import { readConfig } from "@ligo/checkpoint";
import { LigoError, type Plan, type TiePolicy } from "@ligo/core";
import { inContext, type Context, type Handles } from "./context.js";
import { growModel } from "./growth/grow-model.js";
import { folderModel } from "./growth/make-grown.js";
import type { GrownFacts, GrownModel } from "./growth/grown-model.js";
import type { VocabularySettings } from "./growth/grow-vocabulary.js";
import type { RowSettings } from "./growth/grown-rows.js";
import { openGrowth } from "./growth/open-growth.js";
import type { TargetConfig } from "./growth/target-config.js";
import type { EngineName } from "./models/engine-name.js";
import type { ModelSource } from "./models/model-source.js";
import { readRecord } from "./models/record-file.js";
import {
  readRecipe,
  RECIPE_NAME,
  settingsOf,
  warnOfVersions,
  type StoredRecipe,
} from "./runs/recipe.js";
import { checkEngine, keptEngine, withOwnEngine } from "./runs/run-engine.js";
import { isDone } from "./runs/run-folder.js";
import { RunError } from "./runs/run-error.js";
import { checkPart } from "./settings/check.js";
import type { CommandSettings } from "./settings/define.js";
import { completed } from "./settings/defaults.js";
import { growSettings } from "./settings/grow.js";
import { refuseNamedFile } from "./settings/named-code.js";
import { splitHandles } from "./settings/handles.js";
import { resumeSettings } from "./settings/resume.js";
import { trainSettings } from "./settings/train.js";
import type { ResumeSettings } from "./settings/types.generated.js";
import { trainModel } from "./training/train-model.js";
import { trainedInFolder } from "./training/make-trained.js";
import type { TrainedModel, TrainingFacts } from "./training/trained-model.js";

/** Handles of a run that is taken up again. */
export interface ResumeHandles extends Handles {
  /** The source of a run that was begun from a model in memory. */
  readonly from?: ModelSource | undefined;
}

/** The model of a run; its `command` tells a grown one from a trained one. */
export type ResumedModel = GrownModel | TrainedModel;

/**
 * Goes on with a run that was stopped, in its folder, as if it had never been: on the `onnx` engine and the same machine bit
 * for bit. Settings come from its recipe; others are refused with `run/changed`, but for `saveEvery`, `saveMinutes`, `keep`
 * and `cache`, and for paths, whose contents must be the same. A run that is finished already is left as it is.
 *
 * Throws `RunError`s, and what `grow` and `train` throw.
 */
export async function resume(
  folder: string,
  given: ResumeSettings & ResumeHandles = {},
): Promise<ResumedModel> {
  const { from, ...plain } = given;
  const { handles, settings } = splitHandles(plain);
  const overrides = checkPart(resumeSettings, settings);
  return inContext(handles, async (context) => {
    const recipe = withOwnEngine(await readRecipe(folder));
    const own = settingsOf(recipe.settings);
    const engine = keptEngine(folder, own["engine"] as EngineName | undefined, overrides.engine);
    const values = { ...own, ...overrides, engine, out: folder };
    refuseNamedFile(join(folder, RECIPE_NAME), values.architecture, overrides.architecture);
    checkValues(recipe, values, join(folder, RECIPE_NAME));
    const source = from ?? values.checkpoint;
    if (await isDone(folder, context)) return finishedModel(folder, recipe, values, context);
    if (source === undefined) throw noSource(folder);
    warnOfVersions(recipe, context);
    await checkEngine(folder, engine, context);
    return recipe.command === "grow"
      ? growModel(source, completed(growSettings, values), context, recipe)
      : trainModel(source, completed(trainSettings, values), context, recipe);
  });
}

/**
 * Throws `SettingsError` for recorded settings of a wrong type, and `run/damaged-recipe` where one is missing: a recipe may be
 * sealed by whoever changed it.
 */
function checkValues(
  { command }: StoredRecipe,
  values: Readonly<Record<string, unknown>>,
  file: string,
): void {
  const of: CommandSettings = command === "grow" ? growSettings : trainSettings;
  const known = Object.entries(values).filter(([name]) => Object.hasOwn(of.schema.shape, name));
  checkPart(of, Object.fromEntries(known), file);
  // a recipe holds the whole config that was grown to
  const needed = command === "grow" ? ["to"] : of.required;
  const missing = needed.find((name) => values[name] === undefined);
  if (missing === undefined) return;
  throw new RunError(
    "run/damaged-recipe",
    `${file} lacks \`${missing}\`. Put back what the run was begun with, or begin another run.`,
    { file, expected: missing },
  );
}

function noSource(folder: string): RunError {
  return new RunError(
    "run/no-source",
    `The run in ${folder} was begun from a model in memory. Give that again as \`from\`.`,
    { file: folder, expected: "from" },
  );
}

/** Keys of a record of a growth that its model tells, and of a training. */
const GROWN =
  "method keeps_function reasons parameters carried_moments objective losses seconds flops peak_memory_bytes files bytes";
const TRAINED =
  "parameters steps target_reached loss objective judged_by held_out tokens images flops seconds peak_memory_bytes files";

/** The model of a run that was finished before, from what lies in its folder. */
async function finishedModel(
  folder: string,
  { command }: StoredRecipe,
  values: FinishedValues,
  context: Context,
): Promise<ResumedModel> {
  const keys = command === "grow" ? GROWN : TRAINED;
  const record = await readRecord<Readonly<Record<string, unknown>>>(folder, keys.split(" "));
  const facts = settingsOf(record);
  const config = await readConfig(folder);
  context.emit({ type: "resumed", step: Number(record["steps"] ?? 0), finished: true });
  if (command === "train")
    return trainedInFolder(folder, config, facts as unknown as TrainingFacts);
  const plan = await planOf(values, context);
  return folderModel(folder, config, plan, { ...UNTOLD, ...(facts as Partial<GrownFacts>) });
}

/** Facts that records of older versions do not tell, or tell by null. */
const UNTOLD: GrownFacts = {
  command: "grow",
  method: "",
  keepsFunction: false,
  reasons: [],
  parameters: { source: 0, target: 0 },
  rows: [],
  objective: null,
  losses: {},
  seconds: {},
  flops: null,
  peakMemoryBytes: 0,
  files: [],
  bytes: 0,
};

interface FinishedValues extends VocabularySettings, RowSettings {
  readonly checkpoint?: string | undefined;
  readonly to?: TargetConfig | undefined;
  readonly layers?: string | undefined;
  readonly ties?: TiePolicy | undefined;
  readonly architecture?: string | undefined;
}

/** The plan of a finished growth, where its source is still there. */
async function planOf(
  { architecture, checkpoint, layers, ties = "keep", to, ...rows }: FinishedValues,
  context: Context,
): Promise<Plan | undefined> {
  if (checkpoint === undefined || to === undefined) return undefined;
  try {
    const settings = { ...rows, architecture, layers, parameters: undefined, ties, to };
    const { plan, source } = await openGrowth(checkpoint, settings, context, { headersOnly: true });
    await source.close();
    return plan;
  } catch (error) {
    if (LigoError.isInstance(error)) return undefined;
    throw error;
  }
}
