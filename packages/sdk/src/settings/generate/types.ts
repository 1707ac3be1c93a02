import type { CommandSettings } from "../define.js";
import { describeSettings, type SettingFacts } from "../describe.js";

/** Named types that settings may have, by the module they come from. */
const NAMED = ["EngineName", "ForwardInputs", "Method", "Shard", "TargetConfig"];

const capital = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** The source of `types.generated.ts`: for every command what a caller may give, and what the check makes of it. */
export function typesSource(
  commands: readonly CommandSettings[],
  methods: readonly string[],
): string {
  const interfaces = commands.flatMap((command) => {
    const name = capital(command.command);
    const settings = describeSettings(command);
    return [
      `/** Settings of \`${command.command}\`. */\nexport interface ${name}Settings {\n${settings.map(givenLine).join("\n")}\n}`,
      `/** Settings of \`${command.command}\` after the check, defaults filled in. */\nexport interface Checked${name}Settings {\n${settings.map(checkedLine).join("\n")}\n}`,
    ];
  });
  const text = interfaces.join("\n\n");
  const used = NAMED.filter((name) => new RegExp(`\\b${name}\\b`, "u").test(text));
  return [
    "// Made from the settings by `npm run generate`; a test holds it.",
    `import type { ${used.join(", ")} } from "./values.js";`,
    `/** Names of the built-in methods. */\nexport type MethodName = ${methods.map((name) => JSON.stringify(name)).join(" | ")};`,
    `${text}\n`,
  ].join("\n\n");
}

function givenLine(setting: SettingFacts): string {
  const optional = setting.required ? "" : "?";
  const type = `${setting.type}${setting.required ? "" : " | undefined"}`;
  return `/** ${comment(setting)} */\nreadonly ${setting.name}${optional}: ${type};`;
}

function checkedLine(setting: SettingFacts): string {
  const { checked, default: value, name, required } = setting;
  const mayLack = !required && value === undefined;
  return `readonly ${name}: ${checked}${mayLack ? " | undefined" : ""};`;
}

/** The sentence of a setting, its range and its default. */
function comment({ default: value, kind, must, otherwise, says }: SettingFacts): string {
  const range = kind === "number" ? [`${must.charAt(0).toUpperCase()}${must.slice(1)}`] : [];
  const fallback =
    value === undefined
      ? otherwise === undefined
        ? []
        : [`Default: ${otherwise}`]
      : [`Default: \`${JSON.stringify(value)}\``];
  return [says, ...[...range, ...fallback].map((words) => `${words}.`)].join(" ");
}
