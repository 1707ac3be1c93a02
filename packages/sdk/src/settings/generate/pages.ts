import type { CommandSettings } from "../define.js";
import { describeSettings, type SettingFacts } from "../describe.js";
import type { MethodFacts } from "../method.js";

/** Text of a cell; `<name>` outside of code would be taken for HTML. */
const escaped = (text: string): string =>
  text
    .replaceAll("|", "\\|")
    .replaceAll(/(`[^`]*`)|</gu, (_, code: string | undefined) => code ?? "&lt;");
const row = (cells: readonly string[]): string => `| ${cells.map(escaped).join(" | ")} |`;

/** A Markdown table. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
}

function defaultOf({ default: value, otherwise, required }: SettingFacts): string {
  if (required) return "required";
  if (value !== undefined)
    return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
  return otherwise ?? "";
}

const rangeOf = ({ must, unit }: SettingFacts): string =>
  unit === undefined ? must : `${must} (${unit})`;

/** The table of a command's settings. */
function settingsTable(command: CommandSettings): string {
  const rows = describeSettings(command).map((setting) => [
    `\`${setting.name}\``,
    `\`--${setting.default === true ? "no-" : ""}${setting.flag}\``,
    rangeOf(setting),
    defaultOf(setting),
    setting.says,
  ]);
  return table(["setting", "flag", "value", "default", "meaning"], rows);
}

/** The table of the methods. */
function methodsTable(methods: readonly MethodFacts[]): string {
  const rows = methods.map(({ asksData, learns, name, options, says, source }) => [
    `\`${name}\``,
    says,
    learns ? "yes" : asksData ? "no, asks data" : "no",
    options.map((option) => `\`${option}\``).join(", "),
    source,
  ]);
  return table(["method", "what it does", "learns", "options", "source"], rows);
}

/** The text of a page with another table between its `<!-- methods -->` marks. */
export function withMethods(page: string, methods: readonly MethodFacts[]): string {
  return page.replace(
    /(<!-- methods\b.*-->\n)[\s\S]*?(<!-- \/methods -->)/u,
    (_, open: string, close: string) => `${open}\n${methodsTable(methods)}\n\n${close}`,
  );
}

/** `docs/reference/settings.md`. */
export function settingsPage(
  commands: readonly CommandSettings[],
  methods: readonly MethodFacts[],
): string {
  const sections = commands.map(
    (command) => `## \`${command.command}\`\n\n${settingsTable(command)}\n`,
  );
  return [
    "# Settings",
    "",
    "<!-- Made from the settings by `npm run generate`; a test holds it. -->",
    "",
    "Every setting of every command, as a program gives it (`grow(from, { learningRate: 0.01 })`), as a recipe holds it, and as",
    "the command line spells it, in the column `flag`. A setting that is unknown, out of range or without effect is an error; all",
    "faults are told at once.",
    "",
    ...sections,
    "## Methods of growing",
    "",
    methodsTable(methods),
    "",
  ].join("\n");
}
