import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { existsSync } from "node:fs";
import type { MethodName, Phase } from "@ligo/core";
import * as z from "@ligo/core/zod";
import {
  GROW_DEFAULTS,
  GROW_METHODS,
  type GrowOptions,
  type ClassOptions,
  type TrainOptions,
  given as givenOptions,
  optionsOf,
  UsageError,
} from "@ligo/sdk";

/** Settings of a training that a comparison may say. */
export type TrainingSettings = Omit<
  TrainOptions,
  | Shared
  | "checkpoint"
  | "out"
  | "targetLoss"
  | "dtype"
  | "saveEvery"
  | "saveMinutes"
  | "keep"
  | keyof ClassOptions
  | "epochs"
  | "evalData"
  | "labelColumn"
  | "stride"
>;

/** Settings of a growth that a comparison may say. */
export type GrowthSettings = Omit<
  GrowOptions,
  | Shared
  | "checkpoint"
  | "to"
  | "out"
  | "method"
  | "operator"
  | "evaluate"
  | "dtype"
  | "saveEvery"
  | "saveMinutes"
  | "keep"
>;

/** What is the same for every run of a comparison. */
export type Shared =
  | "data"
  | "tokenizer"
  | "processor"
  | "objective"
  | "heldOut"
  | "textColumn"
  | "skipBadRows"
  | "dataWeights"
  | "cache"
  | "seed"
  | "engine"
  | "architecture"
  | "architectures"
  | "reporter"
  | "downloads"
  | "signal";

/** The name of starting anew. */
export const SCRATCH = "scratch";

/** As `teacher` of a training: the comparison's source, or the one that is trained for the seed. */
export const SOURCE_AS_TEACHER = "$source";

/** A row of a comparison: a way to come to a trained target. */
export interface ComparedMethod {
  /** Name of the row; unique. */
  readonly name: string;
  /** `scratch`, or a method of growing. */
  readonly method: string;
  readonly growth: GrowthSettings;
  /** What this row's training has otherwise than the comparison's. */
  readonly training: TrainingSettings;
  /** Sizes that are trained one after the other, each grown from the one before; default: the target alone. */
  readonly phases?: readonly Phase[] | undefined;
}

/** A task that what was trained is fine-tuned on, to see what it is worth. */
export interface DownstreamTask extends ClassOptions {
  /** Name of the task; unique. */
  readonly name: string;
  readonly data: readonly string[];
  /** What it is judged by. Default: what is held out of `data`. */
  readonly evalData?: readonly string[] | undefined;
  readonly textColumn?: string | undefined;
  readonly labelColumn?: string | undefined;
  readonly stride?: number | undefined;
  readonly skipBadRows?: boolean | undefined;
  /** How often all data are seen; or `steps` of its training. */
  readonly epochs?: number | undefined;
  readonly training: TrainingSettings;
}

/** A source that is trained first: a config, and how. */
export interface TrainedSource {
  readonly config: Readonly<Record<string, unknown>>;
  readonly training: TrainingSettings;
}

/** What is compared: one source, one target, one training, several methods. */
export interface Comparison {
  readonly title: string;
  /** The source: a checkpoint, or what it is made by. */
  readonly source: string | TrainedSource;
  /** Config of the target, or the keys that change. */
  readonly to: string | Readonly<Record<string, unknown>>;
  readonly data: readonly string[];
  readonly tokenizer?: string | undefined;
  readonly processor?: string | undefined;
  readonly objective?: string | undefined;
  readonly heldOut?: number | undefined;
  readonly textColumn?: string | undefined;
  readonly skipBadRows?: boolean | undefined;
  readonly dataWeights?: readonly number[] | undefined;
  readonly cache?: string | false | undefined;
  readonly architecture?: string | undefined;
  readonly engine?: string | undefined;
  /**
   * `flops`: every method may spend what scratch spends; what growth takes, training does not get. `steps`: every method
   * trains for the same steps, and growth comes on top.
   */
  readonly budget: "flops" | "steps";
  readonly seeds: readonly number[];
  readonly training: TrainingSettings;
  readonly growth: GrowthSettings;
  readonly methods: readonly ComparedMethod[];
  /** What every trained model is fine-tuned on. */
  readonly downstream?: readonly DownstreamTask[] | undefined;
}

/** Settings of a method's growth: its own, else the comparison's, else those of its training. */
export function growthOf(
  { growth, training }: Comparison,
  method: ComparedMethod,
): Comparison["growth"] & { readonly steps: number } {
  const { batch, sequence, accumulate, augment } = training;
  const like = givenOptions({ batch, sequence, accumulate, augment });
  const own = { ...like, ...growth, ...method.growth };
  return { ...own, steps: own.steps ?? GROW_DEFAULTS.steps };
}

const number = z.number();
const whole = z.number().int().positive();
const settings = {
  batch: whole,
  accumulate: whole,
  checkpoint_activations: z.boolean(),
  sequence: whole,
  learning_rate: number.positive(),
  warmup: number.int().nonnegative(),
  dropout: z.union([number.min(0).max(1), z.literal("config")]),
  schedule: z.enum(["linear", "cosine", "polynomial", "constant"]),
  end_learning_rate: number.nonnegative(),
  power: number.positive(),
  optimizer: z.enum(["adamw", "lamb"]),
  beta1: number.min(0).max(1),
  beta2: number.min(0).max(1),
  epsilon: number.positive(),
  augment: z.enum(["none", "plain", "deit"]),
  stochastic_depth: number.min(0).max(1),
  teacher: z.string(),
  teacher_steps: whole,
  temperature: number.positive(),
};
const training = z.strictObject({
  ...settings,
  steps: whole,
  weight_decay: number.nonnegative(),
  clip_norm: number.positive(),
  freeze: z.array(z.string()),
  undecayed: z.array(z.string()),
  evaluate_every: whole,
  drop_tokens: number.min(0).lt(1),
  drop_layers: number.min(0).lt(1),
});
const growth = z.strictObject({
  ...settings,
  steps: number.int().nonnegative(),
  rates: z.enum(["relative", "uniform"]),
  form: z.enum(["target-layer", "source-layer", "model"]),
  initial_depth: z.string(),
  initial_width: z.string(),
  perturbation: number.nonnegative(),
  rank: whole,
  ties: z.enum(["keep", "untie"]),
});
const config = z.record(z.string(), z.unknown());
const phase = z.strictObject({
  config: config.default({}),
  share: number.positive().max(1),
  method: z.string().optional(),
  frozen: z
    .strictObject({
      layers: number.int().nonnegative(),
      outside_stacks: z.array(z.string()).default([]),
    })
    .optional(),
});
const paths = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
const downstream = z.strictObject({
  name: z.string().regex(/^[\w.-]+$/u, "letters, digits, dots and dashes"),
  data: paths,
  eval_data: paths.optional(),
  class: z.string().optional(),
  labels: whole.optional(),
  text_column: z.string().optional(),
  label_column: z.string().optional(),
  stride: number.int().nonnegative().optional(),
  skip_bad_rows: z.boolean().optional(),
  epochs: number.positive().optional(),
  training: training.partial().default({}),
});
const schema = z.strictObject({
  title: z.string().optional(),
  source: z.union([
    z.string().min(1),
    z.strictObject({ config, training: training.partial().required({ steps: true }) }),
  ]),
  to: z.union([z.string().min(1), config]),
  data: paths,
  tokenizer: z.string().optional(),
  processor: z.string().optional(),
  objective: z.string().optional(),
  held_out: number.positive().optional(),
  text_column: z.string().optional(),
  skip_bad_rows: z.boolean().optional(),
  data_weights: z.array(number.positive()).optional(),
  cache: z.union([z.string(), z.literal(false)]).optional(),
  architecture: z.string().optional(),
  engine: z
    .string()
    .regex(/^(auto|onnx|onnx:[a-z]+|tensorflow|tensorflow:cpu|reference)$/u)
    .optional(),
  budget: z.enum(["flops", "steps"]).default("flops"),
  seeds: z.array(number.int().nonnegative()).min(1).default([0]),
  training: training.partial().required({ steps: true }),
  growth: growth.partial().default({}),
  methods: z
    .array(
      z.union([
        z.string(),
        z.strictObject({
          name: z.string().min(1).optional(),
          method: z.string(),
          growth: growth.partial().default({}),
          training: training.partial().default({}),
          phases: z.array(phase).min(1).optional(),
        }),
      ]),
    )
    .min(1),
  downstream: z.array(downstream).default([]),
});

/**
 * Reads the recipe file of a comparison; paths in it are taken from its folder. Throws `cli/recipe-missing`,
 * `cli/recipe-not-json` and what {@link parseComparison} throws.
 */
export async function readComparison(file: string): Promise<Comparison> {
  return parseComparison(await readRecipeFile(file), file);
}

/**
 * Reads a file with a list of tasks as a recipe has them under `downstream`. Throws as {@link readComparison}.
 */
export async function readDownstream(file: string): Promise<readonly DownstreamTask[]> {
  const value = await readRecipeFile(file);
  return checkedBy(z.array(downstream).min(1), value, file).map((task) =>
    downstreamOf(task, besideFile(file)),
  );
}

async function readRecipeFile(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new UsageError("cli/recipe-missing", `The recipe ${file} cannot be read.`, {
      file,
      cause,
    });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError("cli/recipe-not-json", `The recipe ${file} is not JSON (${reason}).`, {
      file,
      expected: "JSON",
      cause,
    });
  }
}

/** What a schema makes of a file's contents. Throws `cli/bad-recipe` with everything that is wrong. */
function checkedBy<Schema extends z.ZodType>(
  shape: Schema,
  value: unknown,
  file: string,
): z.output<Schema> {
  const checked = shape.safeParse(value);
  if (checked.success) return checked.data;
  const problems = checked.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join(".")}: ${message}`,
  );
  throw badRecipe(file, problems.join("; "));
}

/** Paths as they are meant in a file: from its folder where they exist there. */
function besideFile(file: string): (path: string) => string {
  return (path) => {
    const beside = join(dirname(file), path);
    return !isAbsolute(path) && existsSync(beside) ? beside : path;
  };
}

/**
 * Checks a recipe and fills in what it leaves out. `scratch`, which savings are measured against, is always among the
 * methods, as the first. Throws `cli/bad-recipe` with everything that is wrong.
 */
export function parseComparison(value: unknown, file: string): Comparison {
  const recipe = checkedBy(schema, value, file);
  const inFolder = besideFile(file);
  const {
    data,
    downstream: _tasks,
    methods,
    processor,
    source,
    title,
    to,
    tokenizer,
    ...rest
  } = recipe;
  const given = methods.map((entry): ComparedMethod => {
    const row = typeof entry === "string" ? { method: entry, growth: {}, training: {} } : entry;
    const { name, phases } = { name: undefined, phases: undefined, ...row };
    return {
      name: name ?? row.method,
      method: row.method,
      growth: camel(row.growth),
      training: camel(row.training),
      ...(phases === undefined ? {} : { phases: phases.map(phaseOf) }),
    };
  });
  const hasScratch = given.some(({ name }) => name === SCRATCH);
  const all = hasScratch
    ? given
    : [{ name: SCRATCH, method: SCRATCH, growth: {}, training: {} }, ...given];
  checkMethods(all, file);
  return {
    ...camel<Pick<Comparison, "budget" | "seeds">>(rest),
    title: title ?? "Comparison",
    source:
      typeof source === "string"
        ? inFolder(source)
        : { config: source.config, training: camel(source.training) },
    to: typeof to === "string" && !to.trimStart().startsWith("{") ? inFolder(to) : to,
    data: listOf(data).map(inFolder),
    ...(tokenizer === undefined ? {} : { tokenizer: inFolder(tokenizer) }),
    ...(processor === undefined ? {} : { processor: inFolder(processor) }),
    training: camel(recipe.training),
    growth: camel(recipe.growth),
    methods: all,
    ...(recipe.downstream.length === 0
      ? {}
      : { downstream: recipe.downstream.map((task) => downstreamOf(task, inFolder)) }),
  };
}

const listOf = (one: string | readonly string[]): readonly string[] =>
  typeof one === "string" ? [one] : one;

function downstreamOf(
  {
    class: className,
    data,
    eval_data: evalData,
    training: settings_,
    ...rest
  }: z.output<typeof downstream>,
  inFolder: (path: string) => string,
): DownstreamTask {
  return {
    ...camel<Pick<DownstreamTask, "name">>(rest),
    ...(className === undefined ? {} : { className }),
    data: listOf(data).map(inFolder),
    ...(evalData === undefined ? {} : { evalData: listOf(evalData).map(inFolder) }),
    training: camel(settings_),
  };
}

/** What was checked, with keys as options spell them. */
function camel<T extends object>(checked: object): T {
  const entries = Object.entries(checked);
  return optionsOf(Object.fromEntries(entries)) as T;
}

function phaseOf({ config: keys, frozen, method, share }: z.output<typeof phase>): Phase {
  return {
    config: keys,
    share,
    // which there are, is checked
    ...(method === undefined ? {} : { method: method as MethodName }),
    ...(frozen === undefined
      ? {}
      : { frozen: { layers: frozen.layers, outsideStacks: frozen.outside_stacks } }),
  };
}

function checkMethods(methods: readonly ComparedMethod[], file: string): void {
  const grows = Object.keys(GROW_METHODS);
  for (const { method, phases = [] } of methods) {
    const [first, ...later] = phases.map((one) => one.method);
    if (first !== undefined) throw badRecipe(file, "methods: nothing is grown in a first phase");
    const named = later.filter((one) => one !== undefined);
    for (const [one, known] of [
      [method, [SCRATCH, ...grows]] as const,
      ...named.map((name) => [name, grows] as const),
    ]) {
      if (known.includes(one)) continue;
      throw badRecipe(file, `methods: there is no method "${one}"; there are ${known.join(", ")}`);
    }
  }
  const names = methods.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw badRecipe(file, `methods: two rows are called "${twice}"; give one another name`);
  }
}

function badRecipe(file: string, problem: string): UsageError {
  return new UsageError("cli/bad-recipe", `${file}: ${problem}.`, { file, actual: problem });
}
