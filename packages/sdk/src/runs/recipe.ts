import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { recordedSettings, softwareVersions } from "../models/record-file.js";
import type { Reporter } from "../reporter.js";
import { RunError } from "./run-error.js";
import type { Overrides, RunOptions } from "./run-options.js";
import { readSealed, writeSealed, type Sealed, type SealedKind } from "./sealed-json.js";

export const RECIPE_NAME = "recipe.json";

const KIND: SealedKind = {
  format: "ligo.recipe",
  formatVersion: 1,
  code: "run/damaged-recipe",
  advice: "Put back what the run was begun with, or begin another run.",
};

/** Commands that make run folders. */
export type RunCommand = "train" | "grow";

/** All that a run depends on. */
export interface Recipe {
  readonly command: RunCommand;
  /** Every setting, defaults filled in, spelled as in `ligo.json`: null where there is none. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** What went in, by name: hashes, the class, the engine. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** A recipe as a run folder holds it. */
export type StoredRecipe = Sealed<Recipe & { readonly versions: Readonly<Record<string, string>> }>;

/** The same whatever they are: they decide when and where, not what. */
const FREE: ReadonlySet<string> = new Set([
  "cache",
  ...Object.keys(
    recordedSettings({
      saveEvery: 0,
      saveMinutes: 0,
      keep: 0,
    } satisfies Required<RunOptions>),
  ),
]);

/** Options that are paths: what they lead to is held by its contents, among the inputs. */
const PATHS: readonly string[] = [
  "checkpoint",
  "data",
  "evalData",
  "tokenizer",
  "processor",
  "teacher",
  "architecture",
];

/** The same as settings. */
const PATH_SETTINGS: ReadonlySet<string> = new Set(
  Object.keys(recordedSettings(Object.fromEntries(PATHS.map((name) => [name, null])))),
);

export async function writeRecipe(folder: string, recipe: Recipe): Promise<StoredRecipe> {
  return writeSealed(join(folder, RECIPE_NAME), KIND, {
    ...recipe,
    versions: softwareVersions(),
  });
}

/** Reads the recipe of a run folder. Throws `run/damaged-recipe`, and `run/not-a-run` where there is none. */
export async function readRecipe(folder: string, command: RunCommand): Promise<StoredRecipe> {
  const file = join(folder, RECIPE_NAME);
  if (!existsSync(file)) {
    throw new RunError(
      "run/not-a-run",
      existsSync(folder)
        ? `${folder} is no run folder: it holds no ${RECIPE_NAME}. Name the --out folder of a run that was stopped.`
        : `There is no run folder ${folder}. Name the --out folder of a run that was stopped; one that was stopped before its first step left none.`,
      { file: folder, expected: RECIPE_NAME },
    );
  }
  const recipe = await readSealed<StoredRecipe>(file, KIND);
  if (recipe.command === command) return recipe;
  throw new RunError(
    "run/other-command",
    `The run in ${folder} is of ligo ${recipe.command}. Go on with: ligo ${recipe.command} --resume ${folder}`,
    { file, expected: command, actual: recipe.command },
  );
}

/** Says so where another version of the software began a run: then the numbers may not be the same to the last bit. */
export function noteVersions(recipe: StoredRecipe, reporter: Reporter | undefined): void {
  const now = softwareVersions();
  const others = Object.entries(recipe.versions).filter(([name, version]) => now[name] !== version);
  if (others.length === 0) return;
  const words = others.map(([name, version]) => `${name} ${version} (now ${now[name]})`).join(", ");
  reporter?.note(`This run was begun by ${words}.`);
}

/** Settings for a recipe: paths are made absolute, so that a run can be resumed from another folder. */
export function recipeSettings(
  settings: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const {
    reporter: _reporter,
    downloads: _downloads,
    signal: _signal,
    architectures: _known,
    out: _out,
    ...plain
  } = settings;
  const entries = Object.entries(plain).map(([name, value]): [string, unknown] => [
    name,
    PATHS.includes(name) ? absolute(value) : value,
  ]);
  return recordedSettings(Object.fromEntries(entries));
}

/** What lies on the disk, or is a glob, as an absolute path; names of packages and of a hub as they are. */
function absolute(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(absolute);
  if (typeof value !== "string") return value;
  if (value.startsWith("hf://")) return value;
  return existsSync(value) || /[*?]/.test(value) ? resolve(value) : value;
}

/** The options that a recipe was made from. */
export function recipeOptions({ settings }: Recipe): Readonly<Record<string, unknown>> {
  return optionsOf(settings);
}

/** Settings as options spell them, `learningRate` for `learning_rate`; those that are null are left out. */
export function optionsOf(
  settings: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(settings)
    .filter(([, value]) => value !== null)
    .map(([name, value]): [string, unknown] => [
      name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]);
  return Object.fromEntries(entries);
}

/** Options that were given; what is `undefined` was not. */
export function given<T>(options: Overrides<T>): Partial<T> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}

/** What a record says of a run's inputs, as the one list a recipe holds: `source.sha256.model.safetensors`, ... */
export function recipeInputs(
  records: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  const entries = Object.entries(records).flatMap(
    ([name, value]): (readonly [string, string])[] => {
      // where it lies is not what it is
      if (name === "path" || name === "hub" || value === undefined || value === null) return [];
      if (typeof value === "string") return [[name, value]];
      if (typeof value !== "object") return [[name, JSON.stringify(value)]];
      const inner = recipeInputs(value as Readonly<Record<string, unknown>>);
      return Object.entries(inner).map(([key, text]) => [`${name}.${key}`, text]);
    },
  );
  return Object.fromEntries(entries);
}

/** Throws `run/changed` where a run would not go on as it was begun; names everything that is not the same. */
export function checkRecipe(folder: string, before: Recipe, now: Recipe): void {
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  const held = ([name]: readonly [string, unknown]): boolean =>
    !FREE.has(name) && !PATH_SETTINGS.has(name);
  const changes = [
    ...changesOf(before.settings, now.settings, same, held),
    ...changesOf(before.inputs, now.inputs, same, () => true),
  ];
  if (changes.length === 0) return;
  throw new RunError(
    "run/changed",
    `The run in ${folder} cannot go on as it was begun: ${changes.join("; ")}. ` +
      "Put that back, or begin another run with another --out.",
    { file: join(folder, RECIPE_NAME), actual: changes.join("; ") },
  );
}

function changesOf(
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
  same: (a: unknown, b: unknown) => boolean,
  held: (entry: readonly [string, unknown]) => boolean,
): readonly string[] {
  const text = (value: unknown): string => JSON.stringify(value ?? null);
  return Object.entries({ ...before, ...now })
    .filter(held)
    .filter(([name]) => !same(before[name] ?? null, now[name] ?? null))
    .map(([name]) => `${name} was ${text(before[name])} and is ${text(now[name])}`);
}
