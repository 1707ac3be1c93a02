import type { CommandSettings } from "../define.js";
import { describeSettings, type SettingFacts } from "../describe.js";
import type { MethodFacts } from "../method.js";

/** Facts that a command line needs of a setting, beside the default, which may differ from command to command. */
function flagOf(setting: SettingFacts): object {
  const { choices, flag, group, holder, kind, list, name, off, otherwise, says } = setting;
  return {
    name,
    flag,
    kind,
    list,
    holder,
    group,
    says,
    ...(choices === undefined ? {} : { choices }),
    ...(otherwise === undefined ? {} : { otherwise }),
    ...(off === undefined ? {} : { off }),
  };
}

/**
 * The source of the command line's `flags.generated.ts`: plain data, so that `--help` loads no schema. Entries stand by
 * name; commands list their names, with the default where there is one.
 */
export function flagsSource(
  commands: readonly CommandSettings[],
  methods: readonly MethodFacts[],
): string {
  const entries = new Map<string, object>();
  const lists: Record<string, readonly object[]> = {};
  for (const command of commands) {
    lists[command.command] = describeSettings(command).map((setting) => {
      const known = entries.get(setting.name) ?? flagOf(setting);
      if (JSON.stringify(known) !== JSON.stringify(flagOf(setting)))
        throw new Error(`${setting.name} is described in two ways.`);
      entries.set(setting.name, known);
      const { default: value, name, required } = setting;
      return {
        name,
        ...(value === undefined ? {} : { default: value }),
        ...(required ? { required } : {}),
      };
    });
  }
  const told = methods.map(({ name, says, source }) => ({ name, says, source }));
  return [
    "// Made from the settings by `npm run generate`; a test holds it.",
    'import type { CommandFlag, FlagFacts, MethodLine } from "./flag.js";',
    `export const FLAGS: Readonly<Record<string, FlagFacts>> = ${JSON.stringify(Object.fromEntries(entries))};`,
    `export const COMMAND_FLAGS: Readonly<Record<string, readonly CommandFlag[]>> = ${JSON.stringify(lists)};`,
    `export const METHODS: readonly MethodLine[] = ${JSON.stringify(told)};\n`,
  ].join("\n\n");
}
