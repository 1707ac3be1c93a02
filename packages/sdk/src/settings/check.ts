import { nearestName } from "@ligo/core";
import type * as z from "@ligo/core/zod";
import type { CommandSettings } from "./define.js";
import { describeSetting, type SettingFacts } from "./describe.js";
import type { Fault } from "./rules.js";
import { SettingsError } from "./settings-error.js";

/** Settings that passed the check. */
export interface CheckedSettings<Checked> {
  /** Every setting of the command, defaults filled in; `undefined` where there is neither a value nor a default. Frozen. */
  readonly settings: Checked;
  /** Names of those that were given. */
  readonly given: ReadonlySet<string>;
}

/**
 * Checks the settings of a command at the door of the library. Those that are `undefined` count as not given. Throws
 * {@link SettingsError} with everything that is wrong: unknown names, types and ranges, missing settings, and those that
 * do not go together.
 */
export function check<Given, Checked>(
  of: CommandSettings<Given, Checked>,
  given: NoInfer<Given>,
): CheckedSettings<Checked> {
  const checked = checkValues(of, given);
  const { faults, names, values } = checked;
  const missing = of.required
    .filter((name) => !names.has(name))
    .map((name) => missingFault(of, name));
  const single = [...faults, ...missing];
  const wrong = new Set(single.map(({ setting }) => setting));
  // what is wrong by itself is told once
  const together = ruleFaults(of, checked).filter(({ setting }) => !wrong.has(setting));
  const all = [...single, ...together];
  if (all.length > 0) throw new SettingsError(of.command, all);
  const settings = { ...values, ...of.defaults(values as Partial<Checked>, names) };
  return { settings: Object.freeze(settings) as Checked, given: names };
}

/**
 * Checks names, types and ranges alone, of settings of which more may be given elsewhere: in a recipe, say. Returns those
 * that are given, as they are. Throws {@link SettingsError}, which names the file they come from.
 */
export function checkPart<Given, Checked>(
  of: CommandSettings<Given, Checked>,
  given: object,
  file?: string,
): Partial<Given> {
  const { faults, names } = checkValues(of, given);
  if (faults.length > 0) throw new SettingsError(of.command, faults, file);
  return Object.fromEntries(
    Object.entries(given).filter(([name]) => names.has(name)),
  ) as Partial<Given>;
}

/** Names of settings that are given and that nothing would read. */
export function unusedNames<Given, Checked>(
  of: CommandSettings<Given, Checked>,
  given: object,
): readonly string[] {
  return ruleFaults(of, checkValues(of, given))
    .filter(({ code }) => code === "settings/unused")
    .map(({ setting }) => setting);
}

interface CheckedValues {
  readonly faults: readonly Fault[];
  readonly names: ReadonlySet<string>;
  /** Every setting, defaults filled in; without those that are wrong. */
  readonly values: Readonly<Record<string, unknown>>;
}

function checkValues<Given, Checked>(
  of: CommandSettings<Given, Checked>,
  given: Given | object,
): CheckedValues {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    const message = `The settings of ${of.command} are ${shown(given)}; they must be an object`;
    const fault = { code: "settings/range", setting: "", message, expected: "an object" } as const;
    throw new SettingsError(of.command, [fault]);
  }
  const shape = of.schema.shape as Readonly<Record<string, z.ZodType>>;
  const entries = new Map(Object.entries(given).filter(([, value]) => value !== undefined));
  const faults: Fault[] = [];
  for (const name of entries.keys()) {
    if (!Object.hasOwn(shape, name)) faults.push(unknownFault(of.command, name, shape));
  }
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(shape)) {
    const isRequired = of.required.includes(name);
    if (isRequired && !entries.has(name)) continue;
    const checked = setting.safeParse(entries.get(name));
    if (checked.success) values[name] = checked.data;
    else faults.push(rangeFault(describeSetting(name, setting, isRequired), entries.get(name)));
  }
  return { faults, names: new Set(entries.keys()), values };
}

/** Settings that do not go together. */
function ruleFaults<Given, Checked>(
  of: CommandSettings<Given, Checked>,
  { names, values }: CheckedValues,
): readonly Fault[] {
  const known = values as { readonly [Name in keyof Checked]?: Checked[Name] };
  return of.rules.flatMap((rule) => rule(known, names));
}

function unknownFault(command: string, name: string, shape: object): Fault {
  const nearest = nearestName(name, Object.keys(shape));
  return {
    code: "settings/unknown",
    setting: name,
    message:
      `\`${name}\` is not a setting of ${command}` +
      (nearest === undefined ? "" : `; the nearest is \`${nearest}\``),
    actual: name,
    ...(nearest === undefined ? {} : { expected: nearest }),
  };
}

function rangeFault({ choices, must, name }: SettingFacts, value: unknown): Fault {
  const nearest =
    choices !== undefined && typeof value === "string" ? nearestName(value, choices) : undefined;
  return {
    code: "settings/range",
    setting: name,
    message:
      `\`${name}\` is ${shown(value)}; it must be ${must}` +
      (nearest === undefined ? "" : `; the nearest is ${nearest}`),
    expected: must,
    actual: shown(value),
  };
}

function missingFault<Given, Checked>(of: CommandSettings<Given, Checked>, name: string): Fault {
  const setting = of.schema.shape[name] as z.ZodType;
  const { says } = describeSetting(name, setting, true);
  return {
    code: "settings/missing",
    setting: name,
    message: `\`${name}\` is missing: ${says.replace(/\.$/u, "")}`,
    expected: name,
  };
}

const LONGEST = 60;

/** A value in an error message. */
export function shown(value: unknown): string {
  if (typeof value === "number") return String(value);
  if (typeof value === "function") return "a function";
  const text = inJson(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}...`;
}

/** A value as JSON, however deep it is. */
function inJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "nothing";
  } catch {
    return Array.isArray(value) ? "a list without end" : "an object without end";
  }
}
