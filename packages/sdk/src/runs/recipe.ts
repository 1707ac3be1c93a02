import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import * as z from "@ligo/core/zod";
import { recordedSettings, softwareVersions } from "../models/record-file.js";
import type { Context } from "../context.js";
import type { Probe } from "../growth/probe/facts.js";
import { RunError } from "./run-error.js";
import { readSealed, writeSealed, type Sealed, type SealedKind } from "./sealed-json.js";

export const RECIPE_NAME = "recipe.json";

const KIND: SealedKind = {
  format: "ligo.recipe",
  formatVersion: 1,
  code: "run/damaged-recipe",
  advice: "Put back what the run was begun with, or begin another run.",
  shape: z.looseObject({
    command: z.enum(["train", "grow"]),
    settings: z.keys,
    inputs: z.named(z.string()),
    versions: z.named(z.string()),
  }),
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
  /** The probe that chose the method of a growth, where one did. */
  readonly probe?: Probe | undefined;
}

/** A recipe as a run folder holds it. */
export type StoredRecipe = Sealed<Recipe & { readonly versions: Readonly<Record<string, string>> }>;

/** Settings that decide when and where, not what; they may change while a run goes on. */
const FREE: ReadonlySet<string> = new Set(["cache", "save_every", "save_minutes", "keep"]);

/** Settings that are paths: what they lead to is held by its contents, among the inputs. */
const PATHS: readonly string[] = [
  "checkpoint",
  "data",
  "evalData",
  "tokenizer",
  "growVocabulary",
  "processor",
  "teacher",
  "architecture",
];

/** The same as a recipe spells them. */
const PATH_SETTINGS: ReadonlySet<string> = new Set(
  Object.keys(recordedSettings(Object.fromEntries(PATHS.map((name) => [name, null])))),
);

export async function writeRecipe(folder: string, recipe: Recipe): Promise<StoredRecipe> {
  return writeSealed(join(folder, RECIPE_NAME), KIND, {
    ...recipe,
    versions: softwareVersions(),
  });
}

/** Settings that runs had before there was another choice: older recipes lack them. */
const BEFORE_CHOICE: Recipe["settings"] = { precision: "f32" };

/** Reads the recipe of a run folder. Throws `run/damaged-recipe`, and `run/not-a-run` where there is none. */
export async function readRecipe(folder: string): Promise<StoredRecipe> {
  const file = join(folder, RECIPE_NAME);
  if (existsSync(file)) {
    const recipe = await readSealed<StoredRecipe>(file, KIND);
    return { ...recipe, settings: { ...BEFORE_CHOICE, ...recipe.settings } };
  }
  throw new RunError(
    "run/not-a-run",
    existsSync(folder)
      ? `${folder} is no run folder: it holds no ${RECIPE_NAME}. Name the \`out\` folder of a run that was stopped.`
      : `There is no run folder ${folder}. Name the \`out\` folder of a run that was stopped; one that was stopped before its first step left none.`,
    { file: folder, expected: RECIPE_NAME },
  );
}

/** Warns where another version of the software began a run: then the numbers may not be the same to the last bit. */
export function warnOfVersions(recipe: StoredRecipe, { emit }: Pick<Context, "emit">): void {
  const current = softwareVersions();
  const versions = Object.fromEntries(
    Object.entries(recipe.versions)
      .filter(([name, version]) => current[name] !== version)
      .map(([name, version]) => [name, { before: version, now: current[name] ?? "none" }]),
  );
  if (Object.keys(versions).length === 0) return;
  emit({ type: "warning", code: "other-versions", versions });
}

/**
 * Every setting of a command for a recipe, null where there is none: paths are made absolute, so that a run can be resumed from
 * another folder. A source in memory has none.
 */
export function recipeSettings(
  from: unknown,
  settings: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { method, out: _out, ...plain } = settings;
  const entries = Object.entries({
    checkpoint: typeof from === "string" ? from : null,
    ...plain,
  }).map(([name, value]): [string, unknown] => [
    name,
    PATHS.includes(name) ? absolute(value) : value,
  ]);
  // a method that was given as a value goes by its name
  const named = typeof method === "object" ? (method as { readonly name: string }).name : method;
  const own = method === undefined ? {} : { method: named };
  return recordedSettings({ ...Object.fromEntries(entries), ...own });
}

/** A path on the disk, or a glob, as an absolute path; names of packages and of a hub as they are. */
function absolute(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(absolute);
  if (typeof value !== "string") return value;
  if (value.startsWith("hf://")) return value;
  return existsSync(value) || /[*?]/.test(value) ? resolve(value) : value;
}

/** Settings as code spells them, `learningRate` for `learning_rate`; those that are null are left out. */
export function settingsOf(
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

/** The record of a run's inputs as the one list that a recipe holds: `source.sha256.model.safetensors`, ... */
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
      "Put that back, or begin another run with another `out`.",
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
