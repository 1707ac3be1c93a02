import { createRequire } from "node:module";
import { Command } from "commander";
import { CATALOG, type CommandEntry } from "./commands/catalog.js";
import { METHODS } from "./flags/flags.generated.js";
import { callOf } from "./flags/given.js";
import { commandOptions } from "./flags/options.js";
import type { Terminal } from "./terminal/terminal.js";

/** The command line. Nothing of a command is loaded, and no flag of it made, unless `argv` names it. */
export function createProgram(io: Terminal, argv: readonly string[]): Command {
  const program = new Command("ligo")
    .description("Grow pretrained transformers: learn a large model's weights from a small one's.")
    .version(readVersion())
    .exitOverride()
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError("(ligo help <command> lists its options)")
    .configureHelp({ subcommandTerm: termOf });
  for (const entry of CATALOG) {
    const command = addCommand(program, entry, io);
    if (argv.includes(entry.name)) addFlags(command, entry);
  }
  return program;
}

/** A command as the list of commands has it; its flags need not be there. */
function termOf(command: Command): string {
  const words = command.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
  );
  const options = command.name() === "help" ? [] : ["[options]"];
  return [command.name(), ...options, ...words].join(" ");
}

function addFlags(command: Command, { examples, face, name, settings = name }: CommandEntry): void {
  for (const option of commandOptions(settings, face)) command.addOption(option);
  if (name === "grow") command.addHelpText("after", () => `\n${describeMethods()}`);
  command.addHelpText("after", () => `\nExamples:\n${lines(examples)}`);
}

function addCommand(program: Command, entry: CommandEntry, io: Terminal): Command {
  const { load, name, says, settings = name, sources, usage } = entry;
  const command = program.command(name).description(says);
  if (usage !== undefined) command.usage(usage);
  for (const [argument, text] of Object.entries(sources)) command.argument(argument, text);
  return command.action(async () => {
    const call = callOf(command, settings, command.processedArgs);
    const [source = call.face.resume] = call.sources;
    // loading takes a while
    if (call.face.quiet !== true && source !== undefined)
      io.live([[{ text: `reading ${source} ...`, style: "faint" }]]);
    const run = await load();
    await run(call, io);
  });
}

const lines = (texts: readonly string[]): string => texts.map((text) => `  ${text}`).join("\n");

/** The methods for the help of `ligo grow`. */
function describeMethods(): string {
  const width = Math.max(...METHODS.map(({ name }) => name.length));
  const rows = METHODS.map(
    ({ name, says, source }) => `${name.padEnd(width)}  ${says} (${source})`,
  );
  return `Methods:\n${lines(rows)}`;
}

/** The version in `package.json`, which lies at the same distance from sources and builds. */
function readVersion(): string {
  const manifest = createRequire(import.meta.url)("../package.json") as {
    readonly version: string;
  };
  return manifest.version;
}
