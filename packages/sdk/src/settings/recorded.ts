import type { Method } from "@ligo/core";
import { startOptions } from "@ligo/core/methods";
import { methodOf } from "../growth/grow-method.js";
import { unusedNames } from "./check.js";
import { growSettings } from "./grow.js";
import { rowSettings } from "./growth.js";
import { learnsOperator } from "./method.js";
import { operatorLearning, optimization } from "./optimization.js";
import { trainingSettings } from "./training.js";
import type { CheckedGrowSettings, CheckedTrainSettings } from "./types.generated.js";

type Values = Readonly<Record<string, unknown>>;

/** Settings by name, null for those that have no value. */
function valuesOf(settings: object, names: readonly string[]): Values {
  const known = settings as Values;
  return Object.fromEntries(names.map((name) => [name, known[name] ?? null]));
}

/** Settings that say nothing where they are not given, and are not there then. */
const RARE: readonly string[] = [
  "start",
  "startDecay",
  "noise",
  "ownDeviation",
  "readPower",
  "innerSteps",
  "trainingRate",
];

/** Options of a method, and of what its learning starts from; beside a start no others. */
function optionsOf(settings: CheckedGrowSettings, { learns, options }: Method): Values {
  const ofStart = learns === false ? [] : Object.keys(startOptions);
  const others = settings.start === undefined ? [] : ["initialDepth", "initialWidth"];
  const names = Object.keys(options).filter((name) => !others.includes(name));
  return valuesOf(settings, withoutRare(settings, names, ofStart));
}

function withoutRare(
  settings: object,
  names: readonly string[],
  more: readonly string[] = [],
): readonly string[] {
  const rare = new Set([...RARE, ...more]);
  return names.filter((name) => !rare.has(name) || (settings as Values)[name] !== undefined);
}

const LEARNING: readonly string[] = [
  ...Object.keys(optimization),
  ...Object.keys(operatorLearning),
  // of inner steps
  "trainingRate",
];

/** Settings that a growth used, as its record holds them. */
export function growthSettings(settings: CheckedGrowSettings): Values {
  const { data, layers, operator } = settings;
  const method = methodOf(settings);
  return {
    method: method.name,
    ...valuesOf(settings, ["seed", "ties", "engine", "operator"]),
    ...valuesOf(
      settings,
      [...Object.keys(rowSettings), "moments"].filter((name) => isGiven(settings, name)),
    ),
    ...(layers === undefined ? {} : valuesOf(settings, ["layers", "layersBy"])),
    ...(operator === undefined ? optionsOf(settings, method) : {}),
    ...(data === undefined ? {} : valuesOf(settings, ["batch", "sequence", "heldOut"])),
    ...(learnsOperator(settings) ? valuesOf(settings, withoutRare(settings, LEARNING)) : {}),
    data: data ?? [],
  };
}

/** Settings that a growth reads, all of them: as a recipe that can be given back. */
export function usedSettings(settings: CheckedGrowSettings): Values {
  const unused = new Set(unusedNames(growSettings, settings));
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !unused.has(name)));
}

/** Class and labels show in the config that is written, epochs in the steps. */
const IN_CONFIG: ReadonlySet<string> = new Set(["className", "labels", "epochs"]);

/** Settings of models that were grown, or are to be: of others a record says nothing of them. */
const OF_GROWN: ReadonlySet<string> = new Set([
  "newLearningRate",
  "newWarmup",
  "moments",
  "saveMoments",
]);

const isGiven = (settings: object, name: string): boolean =>
  (settings as Values)[name] !== undefined;

/** Settings that a training used, as its record holds them. */
export function trainedSettings(settings: CheckedTrainSettings): Values {
  const own = Object.keys(trainingSettings).filter(
    (name) => !IN_CONFIG.has(name) && (!OF_GROWN.has(name) || isGiven(settings, name)),
  );
  const taught = settings.teacher === undefined ? [] : ["teacherSteps"];
  return valuesOf(settings, [
    "data",
    "evalData",
    "batch",
    "sequence",
    "seed",
    "heldOut",
    "engine",
    ...Object.keys(optimization),
    ...own,
    ...taught,
  ]);
}
