import * as z from "@ligo/core/zod";
import type { Settings } from "./kinds.js";
import type { Rule } from "./rules.js";

declare const TYPES: unique symbol;

/** All settings of a command. `Given` is what a caller may give, `Checked` the same with defaults filled in. */
export interface CommandSettings<Given = object, Checked = object> {
  /** Function of the library that takes them. */
  readonly command: string;
  readonly schema: z.ZodObject;
  /** Names of settings that must be given. */
  readonly required: readonly string[];
  /** Checks of settings that depend on each other. */
  readonly rules: readonly Rule<Checked>[];
  readonly defaults: DependentDefaults<Checked>;
  readonly [TYPES]?: { readonly given: Given; readonly checked: Checked };
}

/** Defaults that depend on other settings. `values` holds defaults too, `given` the names of those that a caller gave. */
export type DependentDefaults<Checked> = (
  values: Partial<Checked>,
  given: ReadonlySet<string>,
) => Partial<Checked>;

export interface CommandRules<Checked> {
  readonly required?: readonly (keyof Checked & string)[];
  readonly rules?: readonly Rule<Checked>[];
  readonly defaults?: DependentDefaults<Checked>;
}

/** Puts the settings of a command together. */
export function defineSettings<Given, Checked>(
  command: string,
  settings: Settings,
  { defaults = () => ({}), required = [], rules = [] }: CommandRules<Checked> = {},
): CommandSettings<Given, Checked> {
  const shape = Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [
      name,
      required.includes(name as keyof Checked & string) ? setting : setting.optional(),
    ]),
  );
  return { command, schema: z.strictObject(shape), required, rules, defaults };
}
