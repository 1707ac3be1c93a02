import {
  check,
  defineSettings,
  SettingsError,
  type CommandSettings,
  type Fault,
  type Settings,
} from "@ligo/sdk/settings";
import { given as withoutUndefined } from "../given.js";

/** A part of a recipe whose keys are checked as settings are. */
export type Section = CommandSettings;

/** Describes a section by its settings. `name` stands in messages: `rate` is not a setting of <name>. */
export const defineSection = (
  name: string,
  settings: Settings,
  required: readonly string[] = [],
): Section =>
  defineSettings<Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>>(
    name,
    settings,
    { required },
  );

/** Path of a setting in a recipe: `methods.2.growth.rank`. */
export type PathOf = (name: string) => string;

export const under =
  (path: string): PathOf =>
  (name) =>
    `${path}.${name}`;

/** A fault that names its setting by its path in the recipe. */
export function locatedFault(fault: Fault, pathOf: PathOf): Fault {
  const { code, expected, message, setting } = fault;
  const path = pathOf(setting);
  const words = message.includes(`\`${setting}\``)
    ? message.replace(`\`${setting}\``, `\`${path}\``)
    : `\`${path}\`: ${message}`;
  const nearest = code === "settings/unknown" ? expected : undefined;
  return {
    ...fault,
    setting: path,
    message:
      nearest === undefined
        ? words
        : words.replace(`nearest is \`${nearest}\``, `nearest is \`${pathOf(nearest)}\``),
  };
}

/** Faults of settings that are checked together; none where they pass. */
export function faultsOf(work: () => unknown): readonly Fault[] {
  try {
    work();
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
}

/** Keys of older recipes that were not the names of settings with underscores. */
const RENAMED: Readonly<Record<string, string>> = { class: "className" };

const settingOf = (key: string): string =>
  RENAMED[key] ?? key.replaceAll(/_([a-z\d])/gu, (_, letter: string) => letter.toUpperCase());

/**
 * Reads a section: `learningRate` and, of older recipes, `learning_rate` are the same setting. Faults are added to
 * `faults`, spelled as the recipe spells them; settings that have one are left out of the result.
 */
export function readSection<Values>(
  section: Section,
  raw: object,
  pathOf: PathOf,
  faults: Fault[],
): Partial<Values> {
  const keys = new Map<string, string>();
  const values: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(withoutUndefined(raw))) {
    const name = settingOf(key);
    const other = keys.get(name);
    if (other !== undefined) {
      faults.push({
        code: "settings/conflict",
        setting: pathOf(key),
        message: `\`${pathOf(other)}\` and \`${pathOf(key)}\` are the same setting. Give one of them`,
        expected: name,
      });
    }
    keys.set(name, key);
    values[name] = value;
  }
  const spelled: PathOf = (name) => pathOf(keys.get(name) ?? name);
  let checked: object = {};
  const found = faultsOf(() => {
    checked = check(section, values).settings;
  });
  if (found.length === 0) return withoutUndefined(checked);
  faults.push(...found.map((fault) => locatedFault(fault, spelled)));
  const wrong = new Set(found.map(({ setting }) => setting));
  const right = Object.entries(values).filter(([name]) => !wrong.has(name));
  const shape = section.schema.shape as Settings;
  const parsed = right.map(([name, value]): [string, unknown] => [name, shape[name]?.parse(value)]);
  return Object.fromEntries(parsed) as Partial<Values>;
}
