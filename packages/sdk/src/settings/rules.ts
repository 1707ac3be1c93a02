/** One thing that is wrong with settings. Names of settings stand in backticks, spelled as in code. */
export interface Fault {
  readonly code:
    | "settings/unknown"
    | "settings/missing"
    | "settings/range"
    | "settings/conflict"
    | "settings/unused"
    | "settings/needs-data";
  /** Name of the setting. */
  readonly setting: string;
  /** A sentence without its full stop. */
  readonly message: string;
  readonly expected?: string;
  readonly actual?: string;
}

/**
 * A check of settings that depend on each other. `values` holds defaults too, and lacks what is wrong by itself; `given`
 * holds the names of those that a caller gave.
 */
export type Rule<Values> = (
  values: { readonly [Name in keyof Values]?: Values[Name] | undefined },
  given: ReadonlySet<string>,
) => readonly Fault[];

/** A setting that was given and that nothing reads. */
export function unused(setting: string, because: string, instead: string): Fault {
  return {
    code: "settings/unused",
    setting,
    message: `\`${setting}\` has no effect: ${because}. Leave it out, or give ${instead}`,
    expected: instead,
  };
}

/** Two settings that exclude each other. */
export function conflict(one: string, other: string): Fault {
  return {
    code: "settings/conflict",
    setting: one,
    message: `\`${one}\` and \`${other}\` exclude each other. Give one of them`,
    expected: `${one} or ${other}`,
  };
}

/** Settings of which one has to be given at least; the first stands for them. */
export const oneOf =
  (names: readonly [string, ...string[]], says: string): Rule<object> =>
  (_values, given) => {
    if (names.some((name) => given.has(name))) return [];
    const [first, ...others] = names;
    const instead = others.map((name) => `\`${name}\``).join(", ");
    return [
      {
        code: "settings/missing",
        setting: first,
        message: `\`${first}\` is missing: ${says}${others.length === 0 ? "" : `; or give ${instead}`}`,
        expected: names.join(", "),
      },
    ];
  };

/** A setting that works with another one only. */
export const needs =
  (setting: string, other: string): Rule<object> =>
  (_values, given) =>
    given.has(setting) && !given.has(other)
      ? [
          {
            code: "settings/conflict",
            setting,
            message: `\`${setting}\` needs \`${other}\`. Give it too, or leave \`${setting}\` out`,
            expected: other,
          },
        ]
      : [];
