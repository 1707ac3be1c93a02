import type * as z from "@ligo/core/zod";
import type { CommandSettings } from "./define.js";

/** Default of a setting; `undefined` where it has none. */
function defaultOf(of: CommandSettings, name: string): unknown {
  const setting = of.schema.shape[name] as z.ZodType | undefined;
  const parsed = setting?.safeParse(undefined);
  return parsed?.success === true ? parsed.data : undefined;
}

/** Defaults of some settings of a command. */
export function defaultsOf<Given, Checked, Name extends keyof Checked & string>(
  of: CommandSettings<Given, Checked>,
  ...names: readonly Name[]
): Pick<Checked, Name> {
  const entries = names.map((name) => [name, defaultOf(of as CommandSettings, name)]);
  return Object.fromEntries(entries) as Pick<Checked, Name>;
}

/** Settings that were checked before, such as those of a sealed recipe, with defaults where they lack one. */
export function completed<Given, Checked>(
  of: CommandSettings<Given, Checked>,
  values: Readonly<Record<string, unknown>>,
): Checked {
  const names = Object.keys(of.schema.shape);
  const entries = names.map((name): [string, unknown] => [
    name,
    values[name] ?? defaultOf(of as CommandSettings, name),
  ]);
  return Object.fromEntries(entries) as Checked;
}
