import type { CommandSettings } from "../define.js";
import { describeSettings, type SettingFacts } from "../describe.js";
import { GROUPS } from "../kinds.js";
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

/** Lines of an object or a list, an entry on each. */
const lines = (open: string, entries: readonly string[], close: string): string =>
  [open, ...entries.map((entry) => `  ${entry},`), close].join("\n");

/**
 * The source of the command line's `flags.generated.ts`: plain data, so that `--help` loads no schema. Entries stand by
 * name, one on a line; commands list their names, with the default where there is one.
 */
export function flagsSource(
  commands: readonly CommandSettings[],
  methods: readonly MethodFacts[],
): string {
  const entries = new Map<string, string>();
  const lists = commands.map((command) => {
    const settings = describeSettings(command).toSorted(
      (one, other) => GROUPS.indexOf(one.group) - GROUPS.indexOf(other.group),
    );
    for (const setting of settings) entries.set(setting.name, JSON.stringify(flagOf(setting)));
    const names = settings.map(({ name }) => name);
    const defaults = Object.fromEntries(
      settings.flatMap(({ default: value, name }) => (value === undefined ? [] : [[name, value]])),
    );
    const text = JSON.stringify({ names, required: command.required, defaults });
    return `${command.command}: ${text}`;
  });
  const told = methods.map(({ name, says, source }) => JSON.stringify({ name, says, source }));
  const flags = [...entries].map(([name, text]) => `${name}: ${text}`);
  return [
    "// Made from the settings by `npm run generate`; a test holds it.",
    'import type { CommandFlags, FlagFacts, MethodLine } from "./flag.js";',
    lines("export const FLAGS: Readonly<Record<string, FlagFacts>> = {", flags, "};"),
    lines("export const COMMAND_FLAGS: Readonly<Record<string, CommandFlags>> = {", lists, "};"),
    lines("export const METHODS: readonly MethodLine[] = [", told, "];\n"),
  ].join("\n\n");
}
