import { methods } from "@ligo/core";
import * as z from "@ligo/core/zod";
import {
  compareSettings,
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
  DECIDED,
  NOT_OF_GROWTH,
  NOT_OF_TRAINING,
  OF_TASK,
  SCRATCH,
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
    budget: choice("What all methods have in common", ["flops", "steps"]).default("flops"),
    ...withDefaults(pick(settingsOf(compareSettings), "seeds"), { seeds: [0] }),
    training,
    growth,
    methods: list(
      "Names of methods, or rows with a `method`",
      z.union([z.string(), keys]),
      "a list of methods, or of rows with a `method`; at least one",
    ).refine((rows: unknown) => Array.isArray(rows) && rows.length > 0),
    downstream: list("Tasks to fine-tune on", keys, "a list of tasks"),
  },
  ["source", "to", "data", "training", "methods"],
);

export const rowSection: Section = defineSection(
  "a row of `methods`",
  {
    name: text("Name of the row"),
    method: choice("How to grow", [SCRATCH, ...methodNames]),
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
    name: z
      .string()
      .regex(/^[\w.-]+$/u)
      .meta({ group: "run", says: "Name of the task", must: "letters, digits, dots and dashes" }),
    ...pick(settingsOf(trainSettings), ...OF_TASK),
    training,
  },
  ["name", "data"],
);
