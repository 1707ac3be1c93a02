import * as z from "@ligo/core/zod";

/** Headings that settings stand under, in `--help` and in the documentation. */
export const GROUPS = [
  "growth",
  "method",
  "data",
  "training",
  "optimiser",
  "memory",
  "judging",
  "run",
  "output",
] as const;

/** Facts of a setting that its range does not hold. */
export interface SettingMeta {
  /** One sentence, or a few words, without the range and the default. */
  readonly says: string;
  readonly group: (typeof GROUPS)[number];
  readonly unit?: string;
  /** Spelling on the command line, where it is not the name with dashes. */
  readonly flag?: string;
  /** Placeholder of the value: `folder`, `file`, `paths`. */
  readonly holder?: string;
  /** Range in words, where the schema does not say it. */
  readonly must?: string;
  /** Default in words, where it depends on something. */
  readonly otherwise?: string;
  /** Effect of `false`, for a setting that can be switched off. */
  readonly off?: string;
  /** TypeScript type a caller may give, where it is a named one. */
  readonly type?: string;
  /** TypeScript type after the check, where it is another one. */
  readonly checked?: string;
}

/** A setting: type, range and default by zod; the rest, a {@link SettingMeta}, as its metadata. */
export type Setting = z.ZodType;

/** Settings by their camelCase names. */
export type Settings = Readonly<Record<string, Setting>>;

const described =
  (schema: z.ZodType) =>
  (meta: SettingMeta): Setting =>
    schema.meta({ ...meta });

type Kind = (meta: SettingMeta) => Setting;

/** Numbers with a unit, or without. */
interface Units {
  /** Digits and a unit, in capitals. */
  readonly pattern: RegExp;
  readonly units: Readonly<Record<string, number>>;
  readonly isWhole?: boolean;
  readonly must: string;
}

/** A number above 0 in units. */
const inUnits =
  ({ isWhole = false, must, pattern, units }: Units): Kind =>
  (meta) =>
    z
      .union([z.number().gt(0), z.string()])
      .transform((given, context): number => {
        const [, digits, unit = ""] = pattern.exec(String(given).toUpperCase()) ?? [];
        const exact = Number(digits) * (units[unit] ?? Number.NaN);
        const value = isWhole ? Math.round(exact) : exact;
        if (!(value > 0)) context.addIssue({ code: "custom", message: "not a number" });
        return value;
      })
      .meta({ type: "number | string", checked: "number", must, ...meta });

/** A large number above 0, with a unit or without: `300M`. */
export const amount: Kind = inUnits({
  pattern: /^(\d+(?:\.\d+)?)([KMBT]?)$/u,
  units: { "": 1, K: 1e3, M: 1e6, B: 1e9, T: 1e12 },
  must: "a number above 0, such as 300M or 1.5B",
});

/** A number of bytes above 0, with a unit or without: `5GB`. */
export const bytes: Kind = inUnits({
  pattern: /^(\d+(?:\.\d+)?) ?([KMGT]?B)?$/u,
  units: { "": 1, B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 },
  isWhole: true,
  must: "a number of bytes above 0, such as 500MB or 5GB",
});

/** A whole number from 1. */
export const count: Kind = described(z.number().int().min(1));
/** A whole number from 0. */
export const whole: Kind = described(z.number().int().min(0));
export const positive: Kind = described(z.number().gt(0));
export const nonNegative: Kind = described(z.number().min(0));
/** A number from 0 to below 1. */
export const fraction: Kind = described(z.number().min(0).lt(1));
export const flag: Kind = described(z.boolean());
export const text: Kind = described(z.string().min(1));
export const texts: Kind = described(z.array(z.string().min(1)).min(1));

/** One path or several; a list after the check. */
export const paths = (meta: SettingMeta): Setting =>
  z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .transform((given): readonly string[] => (typeof given === "string" ? [given] : given))
    .meta({ type: "string | readonly string[]", checked: "readonly string[]", ...meta });

export const choice = (names: readonly string[], meta: SettingMeta): Setting =>
  z.enum(names as [string, ...string[]]).meta({ ...meta });

/** Settings with other defaults. Throws where a name is not among them. */
export function withDefaults(
  settings: Settings,
  defaults: Readonly<Record<string, unknown>>,
): Settings {
  const others = Object.entries(defaults).map(([name, value]): [string, Setting] => [
    name,
    entry(settings, name).default(value),
  ]);
  return { ...settings, ...Object.fromEntries(others) };
}

/** A part of settings, by name. Throws where a name is not among them. */
export function pick(settings: Settings, ...names: readonly string[]): Settings {
  return Object.fromEntries(names.map((name) => [name, entry(settings, name)]));
}

/** The same settings, none of which has a default. */
export function withoutDefaults(settings: Settings): Settings {
  return Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => {
      let inner = setting;
      while (inner.type === "default" || inner.type === "optional")
        inner = (inner as z.ZodDefault<Setting> | z.ZodOptional<Setting>).unwrap();
      return [name, inner];
    }),
  );
}

function entry(settings: Settings, name: string): Setting {
  const setting = settings[name];
  if (setting === undefined) throw new Error(`There is no setting ${name} here.`);
  return setting;
}
