import { methods } from "@ligo/core";
import { startMethod, startOptions } from "@ligo/core/methods";
import * as z from "@ligo/core/zod";
import { amount, positive, type Setting, type SettingMeta, type Settings } from "./kinds.js";
import { operatorLearning, optimization, TRAINING_RATE } from "./optimization.js";
import { conflict, unused, type Fault, type Rule } from "./rules.js";
import type { CheckedGrowSettings } from "./types.generated.js";

/** A built-in method as the settings see it. */
export interface MethodFacts {
  readonly name: string;
  readonly says: string;
  readonly source: string;
  /** Whether its operator is learned from data. */
  readonly learns: boolean;
  /** Whether it takes gradients on data to make its operator. */
  readonly asksData: boolean;
  /** Whether a list of layers says which it copies. */
  readonly copiesLayers: boolean;
  /** Names of the settings that are its options. */
  readonly options: readonly string[];
}

export const methodFacts: readonly MethodFacts[] = methods.map(
  ({ asksData = false, copiesLayers, learns, name, options, says, source }) => ({
    name,
    says,
    source,
    learns: learns !== false,
    asksData,
    copiesLayers: copiesLayers !== false,
    options: Object.keys(options),
  }),
);

/** Spellings of options on the command line, where they are not the names with dashes. */
const FACES: Readonly<Record<string, Partial<SettingMeta>>> = {
  initialDepth: { flag: "init-depth" },
  initialWidth: { flag: "init-width" },
};

/** An option of a method as a setting. Options of the built-in methods are made with zod, a Standard Schema. */
function optionSetting(name: string, option: Setting): Setting {
  const value = option.safeParse(undefined).data;
  let inner = option;
  while (inner.type === "default" || inner.type === "optional")
    inner = (inner as z.ZodOptional<Setting>).unwrap();
  const setting = inner.meta({ ...option.meta(), group: "method", ...FACES[name] });
  return value === undefined ? setting : setting.default(value);
}

/** Options of the methods, flat: one name is one option, whoever takes it. */
export const methodOptions: Settings = Object.fromEntries(
  methods
    .flatMap(({ options }) => Object.entries(options))
    .map(([name, schema]) => [name, optionSetting(name, schema as Setting)]),
);

/** The name that stands for a choice among methods. */
const AUTO = "auto";

const namesMethod = z.enum([AUTO, ...methodFacts.map(({ name }) => name)]);

/** A method of one's own has its options bound. */
const isMethod = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as { readonly name?: unknown }).name === "string" &&
  typeof (value as { readonly operator?: unknown }).operator === "function";

/** The method of growing, and the options of all of them. */
export const methodSettings: Settings = {
  method: z
    .union([namesMethod, z.custom(isMethod)])
    .meta({
      group: "method",
      holder: "name",
      type: '"auto" | MethodName | Method',
      says: "How to grow. `auto` takes, with `data`, what a probe of a few starts chooses, and without the start that keeps the function.",
    })
    .default(AUTO),
  budget: amount({
    group: "method",
    holder: "n",
    otherwise: "those of 100 batches",
    says: "Tokens or images that will be trained on after growth, such as 10M: the probe of `auto` takes at most a twentieth of them, and an operator that it then learns a hundredth, on batches of a quarter of `batch`.",
  }),
  trainingRate: positive({
    group: "method",
    otherwise: `that of \`train\`, ${TRAINING_RATE}`,
    says: "Learning rate that training will have, for the probe of `auto` and for `innerSteps`.",
  }),
  ...methodOptions,
};

/** The settings of a growth that decide whether something is learned. */
type MethodChoice = Pick<CheckedGrowSettings, "method" | "data" | "operator" | "steps">;
type Some<T> = { readonly [Name in keyof T]?: T[Name] | undefined };

type Chosen = Pick<MethodFacts, "name" | "learns" | "asksData" | "copiesLayers" | "options">;

/** The method that `auto` is where settings are given that only learning LiGO's operator reads. */
export const LEARNER = "ligo";

/** The facts of a method that is not chosen yet: with data it may learn; the options of LiGO ask for it. */
const AUTO_FACTS: Chosen = {
  name: AUTO,
  learns: true,
  asksData: false,
  copiesLayers: true,
  options: methodFacts.find(({ name }) => name === LEARNER)?.options ?? [],
};

/** Settings that are given and ask for {@link LEARNER}: options of it, and those of learning. */
export function askedLearning(given: ReadonlySet<string>): readonly string[] {
  const own = [
    ...AUTO_FACTS.options,
    ...Object.keys(optimization),
    ...Object.keys(operatorLearning),
  ];
  return own.filter((name) => given.has(name) && !OF_PROBE_TOO.has(name));
}

/** Settings of learning that a probe reads too. */
const OF_PROBE_TOO: ReadonlySet<string> = new Set([
  "accumulate",
  "checkpointActivations",
  "precision",
]);

function chosen(
  method: MethodChoice["method"] | undefined,
  given: ReadonlySet<string> = new Set(),
): Chosen | undefined {
  if (method === undefined) return undefined;
  if (method === AUTO && askedLearning(given).length > 0) return chosen(LEARNER);
  if (method === AUTO) return AUTO_FACTS;
  if (typeof method === "string") return methodFacts.find(({ name }) => name === method);
  const { asksData = false, copiesLayers, learns, name } = method;
  return {
    name,
    learns: learns !== false,
    asksData,
    copiesLayers: copiesLayers !== false,
    options: [],
  };
}

/** Whether a method, by its name or as it is, takes gradients on data to make its operator. */
export function asksData(method: MethodChoice["method"] | undefined): boolean {
  return chosen(method)?.asksData === true;
}

/** Whether a growth learns its operator, or may do so where its method is not chosen yet: not where it is given one, nor where it takes no step and has no data. */
export function learnsOperator(choice: Some<MethodChoice>): boolean {
  const { data = [], method, operator, steps } = choice;
  const found = chosen(method);
  if (operator !== undefined || found?.learns !== true) return false;
  return data.length > 0 || (found.name !== AUTO && steps !== 0);
}

/** Options belong to the method that takes them; with an operator that is given neither is read. */
export const ownOptions: Rule<MethodChoice & { readonly start?: string | undefined }> = (
  { method, operator, start },
  given,
) => {
  const found = chosen(method, given);
  if (found === undefined) return [];
  return ["method", ...Object.keys(methodOptions)].flatMap((name) => {
    if (!given.has(name)) return [];
    if (operator !== undefined)
      return [unused(name, "`operator` is applied as it is", "no `operator`")];
    if (name === "method") return [];
    if (found.learns && START_OPTIONS.includes(name) && found.options.includes(name))
      return ofStart(name, start);
    if (found.options.includes(name)) return [];
    const takers = methodFacts.filter(({ options }) => options.includes(name));
    const instead = takers.map((taker) => `\`method: "${taker.name}"\``).join(", ");
    return [unused(name, `the method ${found.name} does not take it`, instead)];
  });
};

/** Options that methods which learn take for the method that they start from. */
const START_OPTIONS: readonly string[] = Object.keys(startOptions);

/** An option of the method that learning starts from belongs to those that take it. */
function ofStart(name: string, start: string | undefined): readonly Fault[] {
  const takers = methodFacts.filter(({ learns, options }) => !learns && options.includes(name));
  if (takers.some((taker) => taker.name === start)) return [];
  const because =
    start === undefined ? "it is an option of a `start`" : `the start ${start} does not take it`;
  const instead = takers
    .filter((taker) => startMethod({ start: taker.name }) !== undefined)
    .map((taker) => `\`start: "${taker.name}"\``);
  return [unused(name, because, instead.join(", "))];
}

/** A method that learning starts from makes maps and weights, and may add noise of its own. */
export const startAlone: Rule<{
  readonly start?: string | undefined;
  readonly perturbation?: number | undefined;
}> = ({ perturbation = 0, start }, given) => {
  if (start === undefined || !given.has("start")) return [];
  const because = `the start ${start} makes maps and weights`;
  return [
    ...["initialWidth", "initialDepth"]
      .filter((name) => given.has(name))
      .map((name) => unused(name, because, "no `start`")),
    ...(given.has("noise") && perturbation > 0 ? [conflict("noise", "perturbation")] : []),
  ];
};

/** A list of layers says which layers a method copies. */
export const listedLayers: Rule<MethodChoice> = ({ method, operator }, given) => {
  const names = ["layers", "layersBy"].filter((name) => given.has(name));
  const found = chosen(method, given);
  if (operator !== undefined) {
    return names.map((name) => unused(name, "`operator` is applied as it is", "no `operator`"));
  }
  if (found?.copiesLayers === false) {
    const because = `the method ${found.name} takes no list of layers`;
    return names.map((name) => unused(name, because, "a method that takes a list of layers"));
  }
  return names.length === 2
    ? [unused("layersBy", "`layers` says which layers are copied", "one of the two")]
    : [];
};

/** A method that learns, or takes gradients, needs data or a reason not to. */
export const dataToLearn: Rule<MethodChoice> = ({ data, method, operator, steps }, given) => {
  const found = chosen(method, given);
  if (found === undefined || operator !== undefined || (data ?? []).length > 0) return [];
  if (found.asksData) return [needsGradients(found)];
  if (!found.learns || found.name === AUTO || steps === 0) return [];
  return [
    {
      code: "settings/needs-data",
      setting: "data",
      message:
        `The method ${found.name} learns its operator from data. Give \`data\`, apply a learned operator with \`operator\`, ` +
        'take its start with `steps: 0`, or grow without learning with `method: "stack"`',
      expected: 'data, operator, steps: 0 or method: "stack"',
    },
  ];
};

function needsGradients({ name }: Chosen): Fault {
  return {
    code: "settings/needs-data",
    setting: "data",
    message:
      `The method ${name} takes gradients on a batch of data. Give \`data\`, apply an operator that it made with \`operator\`, ` +
      'or grow without data with `method: "lossless-fresh"`',
    expected: 'data, operator or method: "lossless-fresh"',
  };
}

/** A probe chooses where no method is named, and has data to do so. Inner steps of learning have the rate of training, too. */
export const ofProbe: Rule<MethodChoice & Pick<CheckedGrowSettings, "innerSteps">> = (
  { data = [], innerSteps = 0, method, operator },
  given,
) =>
  ["budget", "trainingRate"]
    .filter((name) => given.has(name) && !(name === "trainingRate" && innerSteps > 0))
    .flatMap((name) => {
      if (operator !== undefined)
        return [unused(name, "`operator` is applied as it is", "no `operator`")];
      if (method !== AUTO) return [unused(name, "the method is given", '`method: "auto"`')];
      return data.length > 0 ? [] : [unused(name, "there are no data to choose by", "`data` too")];
    });
