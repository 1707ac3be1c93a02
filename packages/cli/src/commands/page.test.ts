import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { format, type FormatConfig } from "oxfmt";
import { expect, it } from "vitest";
import { createProgram } from "../program.js";
import { openTerminal } from "../terminal/terminal.js";
import { CATALOG } from "./catalog.js";

// `npm run generate` writes the page.

const root = new URL("../../../../", import.meta.url);
const PAGE = "docs/reference/commands.md";
const silent = { stdout: () => undefined, stderr: () => undefined, interactive: false };

/** A command with its flags. */
function commandOf(name: string): Command {
  const program = createProgram(openTerminal(silent, {}), [name]);
  const command = program.commands.find((one) => one.name() === name);
  if (command === undefined) throw new Error(`There is no command ${name}.`);
  return command;
}

const escaped = (text: string): string => text.replaceAll("<", "&lt;");
const fenced = (lines: readonly string[]): string => ["```sh", ...lines, "```"].join("\n");

/** Flags by group: those of settings lead to their table. */
function flags(command: Command): string {
  const groups = new Map<string, string[]>();
  for (const { flags: spelled, helpGroupHeading = "Command line:" } of command.options) {
    const group = groups.get(helpGroupHeading) ?? [];
    groups.set(helpGroupHeading, [...group, `\`${spelled}\``]);
  }
  const rows = [...groups].map(
    ([heading, all]) =>
      `| ${heading.replace(/:$/u, "")} | ${all.join(", ").replaceAll("|", "\\|")} |`,
  );
  return rows.length === 0 ? "" : ["| group | flags |", "| --- | --- |", ...rows, ""].join("\n");
}

function section({ examples, name, settings = name }: (typeof CATALOG)[number]): string {
  const command = commandOf(name);
  const says = command.description();
  const usage = command
    .usage()
    .split("\n")
    .map((line) => line.trim());
  const [first = "", ...others] = usage;
  const sources = command.registeredArguments.map(
    (one) =>
      `- \`${one.name()}\`${one.required ? "" : " (optional)"}: ${escaped(one.description)}.`,
  );
  const table = flags(command);
  return [
    `## \`ligo ${name}\``,
    "",
    `${says.charAt(0).toUpperCase()}${says.slice(1)}.`,
    "",
    fenced([`ligo ${name} ${first}`, ...others]),
    "",
    ...(sources.length === 0 ? [] : [...sources, ""]),
    table,
    ...(SETTLED.includes(settings)
      ? [
          `Values, ranges and defaults: [settings of \`${settings}\`](settings.md#${settings.toLowerCase()}).`,
          "",
        ]
      : []),
    fenced(examples),
    "",
  ].join("\n");
}

const settingsPage = readFileSync(new URL("docs/reference/settings.md", root), "utf8");

/** Commands whose settings have a table. */
const SETTLED = [...settingsPage.matchAll(/^## `(\w+)`$/gmu)].map(([, name = ""]) => name);

function page(): string {
  return [
    "# Commands",
    "",
    "<!-- Made from the command line by `npm run generate`; a test holds it. -->",
    "",
    "`ligo <command> --help` says the same on a terminal. Results go to stdout, progress, notes and errors to stderr. Exit codes: 0",
    "done, 2 bad input (nothing is written), 1 a fault of ours, 130 interrupted (the step under way is saved).",
    "",
    ...CATALOG.map(section),
  ].join("\n");
}

it(`${PAGE} has every command and flag`, async () => {
  const { printWidth = 100 } = JSON.parse(
    readFileSync(new URL(".oxfmtrc.json", root), "utf8"),
  ) as FormatConfig;
  const { code, errors } = await format(PAGE, page(), { printWidth });
  expect(errors).toEqual([]);
  await expect(code).toMatchFileSnapshot(fileURLToPath(new URL(PAGE, root)));
  for (const { name } of CATALOG) {
    const spelled = commandOf(name).options.flatMap(({ long }) => long ?? []);
    expect(spelled.filter((flag) => !code.includes(flag))).toEqual([]);
  }
});
