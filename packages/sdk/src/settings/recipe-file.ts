import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { decodeText, parseJson } from "@ligo/checkpoint";
import { UsageError } from "../usage-error.js";
import { checkPart, shown, unusedNames } from "./check.js";
import type { CommandSettings } from "./define.js";
import { describeSettings } from "./describe.js";
import { refuseNamedFile } from "./named-code.js";
import { SettingsError } from "./settings-error.js";

/** A recipe: the source, and settings as a caller of the command would give them. */
export interface RecipeFile<Given> {
  /** Checkpoint that the command starts from; `undefined` where the recipe leaves it open. */
  readonly from: string | undefined;
  readonly settings: Partial<Given>;
}

type Entries = Readonly<Record<string, unknown>>;

/**
 * Reads a recipe of a command: JSON or YAML with the names of settings as keys, `checkpoint` (or `from`) for the source,
 * and `command` where it is told. The `recipe.json` of a run and the `ligo.json` of a result are recipes too. Paths are
 * taken from the file's folder where they exist there. Throws `sdk/recipe-missing`, `sdk/recipe-not-json`,
 * `sdk/recipe-of-other-command`, {@link SettingsError} with everything that is wrong by itself, and `sdk/file-names-code` for
 * an `architecture` that is no package name.
 *
 * @param over settings that take the place of those in the file; an `architecture` among them may be a path
 */
export async function readRecipeFile<Given, Checked>(
  file: string,
  of: CommandSettings<Given, Checked>,
  over: Readonly<Record<string, unknown>> = {},
): Promise<RecipeFile<Given>> {
  const contents = await readEntries(file);
  const { command = of.command, ...entries } = recorded(contents, file, of) ?? contents;
  if (command !== of.command) {
    const actual = typeof command === "string" ? command : shown(command);
    throw new UsageError(
      "sdk/recipe-of-other-command",
      `${file} is a recipe of ${actual}, not of ${of.command}.`,
      { file, expected: of.command, actual },
    );
  }
  const { checkpoint, from = checkpoint, ...settings } = entries;
  const beside = (path: string): string => besideFile(file, path);
  const source = sourceOf(from, file, of.command);
  const named = checkPart(of, withPaths(of, settings, beside), file);
  refuseNamedFile(file, settings["architecture"], over["architecture"]);
  return { from: source === undefined ? undefined : beside(source), settings: named };
}

/** A path as it is meant in a file: from its folder where it exists there. */
export function besideFile(file: string, path: string): string {
  const beside = join(dirname(file), path);
  return !isAbsolute(path) && existsSync(beside) ? beside : path;
}

/** Reads a JSON or YAML file that holds an object. Throws `sdk/recipe-missing` and `sdk/recipe-not-json`. */
export async function readEntries(file: string): Promise<Entries> {
  const value = await readValue(file);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Entries;
  throw new UsageError(
    "sdk/recipe-not-json",
    `The recipe ${file} holds no object of settings by name.`,
    { file, expected: "an object" },
  );
}

/** Reads a JSON or YAML file; a byte order mark is passed over. Throws `sdk/recipe-missing` and `sdk/recipe-not-json`. */
export async function readValue(file: string): Promise<unknown> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw new UsageError("sdk/recipe-missing", `The recipe ${file} cannot be read.`, {
      file,
      cause,
    });
  }
  return parsed(file, bytes);
}

async function parsed(file: string, bytes: Uint8Array): Promise<unknown> {
  try {
    if (file.endsWith(".json")) return parseJson(bytes, { spelling: true });
    const text = decodeText(bytes);
    checkYaml(text);
    const { parse } = await import("yaml");
    return parse(text, { logLevel: "error" });
  } catch (cause) {
    const format = file.endsWith(".json") ? "JSON" : "YAML";
    const reason = cause instanceof Error ? cause.message.trim() : String(cause);
    throw new UsageError(
      "sdk/recipe-not-json",
      `The recipe ${file} is not ${format} (${reason}).`,
      {
        file,
        expected: format,
        cause,
      },
    );
  }
}

/** Most characters of a recipe in YAML: its parser takes time that grows with the square of them. */
const MOST_CHARACTERS = 2 ** 16;
/** Most keys that a question mark begins: with those within each other time grows with the cube. */
const MOST_QUESTIONS = 16;

/** Throws where YAML would take its parser seconds, which no recipe does. */
function checkYaml(text: string): void {
  if (text.length > MOST_CHARACTERS) {
    throw new SyntaxError(
      `it has ${text.length} characters, more than the ${MOST_CHARACTERS} that recipes may have`,
    );
  }
  if ((text.match(/(?<![^\s[{,])\?(?!\S)/gu) ?? []).length > MOST_QUESTIONS) {
    throw new SyntaxError(`it has more than ${MOST_QUESTIONS} keys that "?" begins`);
  }
}

function sourceOf(from: unknown, file: string, command: string): string | undefined {
  if (from === undefined || (typeof from === "string" && from !== "")) return from;
  const message = `\`checkpoint\` is ${shown(from)}; it must be a folder, a file or a hub id`;
  const fault = { code: "settings/range", setting: "checkpoint", message } as const;
  throw new SettingsError(command, [fault], file);
}

/** Placeholders of values that are paths to read. */
const PATHS = ["path", "paths", "config", "checkpoint", "file"];

function withPaths<Given, Checked>(
  of: CommandSettings<Given, Checked>,
  settings: Entries,
  beside: (path: string) => string,
): Entries {
  const names = new Set(
    describeSettings(of)
      .filter(({ holder }) => PATHS.includes(holder))
      .map(({ name }) => name),
  );
  const one = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(one) : typeof value === "string" ? beside(value) : value;
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, names.has(name) ? one(value) : value]),
  );
}

/** What a file that `ligo` wrote says as a recipe; `undefined` for any other. */
function recorded<Given, Checked>(
  contents: Entries,
  file: string,
  of: CommandSettings<Given, Checked>,
): Entries | undefined {
  const { command, format } = contents;
  const settings = spelledOut(contents["settings"]);
  if (format === "ligo.recipe") return { command, ...leaned(of, settings) };
  if (format !== "ligo.record") return undefined;
  const source = contents["source"] as { readonly path?: unknown; readonly class?: unknown };
  const target = contents["target"] as { readonly dtype?: unknown; readonly class?: unknown };
  const known = Object.entries(settings).filter(([name]) => Object.hasOwn(of.schema.shape, name));
  const others =
    of.command === "grow"
      ? { to: join(dirname(file), "config.json") }
      : target.class === source.class
        ? {}
        : { className: target.class };
  const dtype = typeof target.dtype === "string" ? target.dtype.toLowerCase() : undefined;
  const all = { ...Object.fromEntries(known), ...others, dtype };
  return { command, checkpoint: source.path, ...leaned(of, all) };
}

/** Recorded settings as they are spelled in code, `learningRate` for `learning_rate`; null stands for none. */
function spelledOut(settings: unknown): Entries {
  const entries = Object.entries((settings ?? {}) as Entries)
    .filter(([, value]) => value !== null)
    .map(([name, value]): [string, unknown] => [
      name.replaceAll(/_([a-z])/gu, (_, letter: string) => letter.toUpperCase()),
      value,
    ]);
  return Object.fromEntries(entries);
}

/** Recorded settings without defaults that were filled in, and without what nothing reads. */
function leaned<Given, Checked>(of: CommandSettings<Given, Checked>, settings: Entries): Entries {
  const defaults = new Map(
    describeSettings(of).map(({ default: value, name }) => [name, JSON.stringify(value)]),
  );
  const isOwn = ([name, value]: readonly [string, unknown]): boolean =>
    // steps were counted from epochs
    !(name === "steps" && "epochs" in settings) &&
    !(Array.isArray(value) && value.length === 0) &&
    JSON.stringify(value) !== defaults.get(name);
  const own = Object.fromEntries(Object.entries(settings).filter(isOwn));
  const idle = new Set(unusedNames(of, own));
  return Object.fromEntries(Object.entries(own).filter(([name]) => !idle.has(name)));
}
