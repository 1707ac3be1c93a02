import { methods } from "@ligo/core";
import * as z from "@ligo/core/zod";
import {
  compareSettings,
  evaluateSettings,
  growSettings,
  pick,
  trainSettings,
  withDefaults,
  withoutDefaults,
  type CommandSettings,
  type Setting,
  type Settings,
} from "@ligo/sdk/settings";
import {
  AUTO,
  DECIDED,
  NOT_OF_GROWTH,
  NOT_OF_TRAINING,
  OF_OTHER_DATA,
  OF_TASK,
  REFERENCES,
  SHARED,
} from "../comparison.js";
import { defineSection, type Section } from "./section.js";

/**
 * Settings in the order that cells have been named by from the first (the name is a hash of them in their order); newer
 * settings follow.
 */
const ORDER = (
  "batch accumulate checkpointActivations sequence learningRate warmup dropout schedule endLearningRate power optimizer " +
  "beta1 beta2 epsilon augment stochasticDepth teacher teacherSteps temperature steps weightDecay clipNorm freeze " +
  "undecayed evaluateEvery dropTokens dropLayers rates form initialDepth initialWidth perturbation rank ties"
).split(" ");

const settingsOf = (of: Pick<CommandSettings, "schema">): Settings =>
  withoutDefaults(of.schema.shape);

/** Settings of a command but for some, none of which has a default. */
function settingsBut(of: CommandSettings, ...without: readonly string[]): Settings {
  const settings = settingsOf(of);
  // refuses names that are not settings
  const omitted = new Set(Object.keys(pick(settings, ...without)));
  const names = Object.keys(settings).filter((name) => !omitted.has(name));
  const first = ORDER.filter((name) => names.includes(name));
  return pick(settings, ...new Set([...first, ...names]));
}

const text = (says: string): Setting => z.string().min(1).meta({ group: "run", says });
const object = (says: string): Setting => z.keys.meta({ group: "run", says, must: "an object" });
const list = (says: string, entries: z.ZodType, must: string): Setting =>
  z.array(entries).meta({ group: "run", says, must });
const choice = (says: string, names: readonly string[]): Setting =>
  z.enum(names as [string, ...string[]]).meta({ group: "run", says });

const { keys } = z;

/** Whether a list has at least one entry, and none of them twice. */
const isDistinct = (entries: unknown): boolean =>
  Array.isArray(entries) && entries.length > 0 && new Set(entries).size === entries.length;

/** An entry of another command under a name, and with words, of its own. */
const seedsOf = (says: string): Setting => entryOf(compareSettings, "seeds").meta({ says });
const pathsOf = (says: string): Setting => entryOf(trainSettings, "data").meta({ says });
const entryOf = (of: Pick<CommandSettings, "schema">, name: string): Setting =>
  settingsOf(of)[name] as Setting;

const budget = choice("What a row may spend", ["flops", "steps"]);
const named = (says: string): Setting =>
  z
    .string()
    .regex(/^[\w.-]+$/u)
    .meta({ group: "run", says, must: "letters, digits, dots and dashes" });

const methodNames = methods.map(({ name }) => name);

const ofTraining = settingsBut(trainSettings, ...SHARED, ...DECIDED, ...NOT_OF_TRAINING);
const ofGrowth = settingsBut(growSettings, ...SHARED, ...DECIDED, ...NOT_OF_GROWTH);

export const trainingSection: Section = defineSection("training", ofTraining);
export const wholeTrainingSection: Section = defineSection("training", ofTraining, ["steps"]);
export const growthSection: Section = defineSection("growth", ofGrowth);

const training = object("Settings of `train`");
const growth = object("Settings of `grow`");

export const sourceSection: Section = defineSection(
  "source",
  { config: object("Config of a source that is trained first"), training },
  ["config", "training"],
);

export const comparisonSection: Section = defineSection(
  "a comparison",
  {
    title: text("Title of the report"),
    source: z.union([z.string().min(1), keys]).meta({
      group: "run",
      says: "A checkpoint, or the `config` and the `training` of one",
      must: "a checkpoint, or an object with `config` and `training`",
    }),
    ...pick(settingsOf(growSettings), "to"),
    ...pick(settingsOf(trainSettings), ...SHARED),
    budget: budget.default("flops"),
    references: list(
      "Rows that are always there; savings are measured against the first",
      z.enum(REFERENCES as unknown as [string, ...string[]]),
      `a list of ${REFERENCES.join(", ")}; at least one, each once`,
    )
      .refine(isDistinct)
      .default([...REFERENCES]),
    ...withDefaults(pick(settingsOf(compareSettings), "seeds"), { seeds: [0] }),
    rates: list(
      "Peak learning rates to choose from for every row",
      z.number().gt(0),
      "a list of two or three different numbers above 0",
    )
      .refine(isDistinct)
      .refine((rates: unknown) => Array.isArray(rates) && [2, 3].includes(rates.length)),
    tuningSeeds: seedsOf("Seeds that rates are chosen on"),
    tuningData: pathsOf("Data that rates are chosen on"),
    training,
    growth,
    methods: list(
      "Names of methods, or rows with a `method`",
      z.union([z.string(), keys]),
      "a list of methods, or of rows with a `method`; at least one",
    ).refine((rows: unknown) => Array.isArray(rows) && rows.length > 0),
    downstream: list("Tasks to fine-tune on", keys, "a list of tasks"),
    evaluation: list("Other data to judge by", keys, "a list of data, each with a `name`"),
  },
  ["source", "to", "data", "training", "methods"],
);

export const rowSection: Section = defineSection(
  "a row of `methods`",
  {
    name: text("Name of the row"),
    method: choice("How to grow", [...REFERENCES, AUTO, ...methodNames]),
    budget,
    growth,
    training,
    phases: list(
      "Sizes trained one after the other",
      keys,
      "a list of phases, at least one",
    ).refine((phases: unknown) => Array.isArray(phases) && phases.length > 0),
  },
  ["method"],
);

export const phaseSection: Section = defineSection(
  "a phase",
  {
    config: object("Keys of the target's config that are otherwise"),
    share: z.number().gt(0).max(1).meta({ group: "run", says: "Share of the steps" }),
    method: choice("How to grow from the phase before", methodNames),
    frozen: object("Layers that stay as they are"),
  },
  ["share"],
);

export const frozenSection: Section = defineSection(
  "`frozen`",
  {
    layers: z
      .number()
      .int()
      .min(0)
      .meta({ group: "run", says: "Layers of every stack, from below" }),
    outsideStacks: list(
      "Names of other parameters, as regular expressions",
      z.string(),
      "a list of texts",
    ),
  },
  ["layers"],
);

export const taskSection: Section = defineSection(
  "a task",
  {
    name: named("Name of the task"),
    ...pick(settingsOf(trainSettings), ...OF_TASK),
    training,
  },
  ["name", "data"],
);

export const otherDataSection: Section = defineSection(
  "other data",
  { name: named("Name of the data"), ...pick(settingsOf(evaluateSettings), ...OF_OTHER_DATA) },
  ["name", "data"],
);
