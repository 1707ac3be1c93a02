import { createRequire } from "node:module";
import { Command } from "commander";
import { CATALOG, type CommandEntry } from "./commands/catalog.js";
import { METHODS } from "./flags/flags.generated.js";
import { callOf } from "./flags/given.js";
import { commandOptions } from "./flags/options.js";
import type { CommandIo } from "./terminal/command-io.js";

/** The command line. Nothing of a command is loaded before it is run. */
export function createProgram(io: CommandIo): Command {
  const program = new Command("ligo")
    .description("Grow pretrained transformers: learn a large model's weights from a small one's.")
    .version(readVersion())
    .exitOverride()
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr })
    .showHelpAfterError("(ligo help <command> lists its options)");
  for (const entry of CATALOG) addCommand(program, entry, io);
  return program;
}

function addCommand(program: Command, entry: CommandEntry, io: CommandIo): void {
  const { face, load, name, says, settings = name, sources, usage } = entry;
  const command = program.command(name).description(says);
  if (usage !== undefined) command.usage(usage);
  for (const [argument, text] of Object.entries(sources)) command.argument(argument, text);
  for (const option of commandOptions(settings, face)) command.addOption(option);
  if (name === "grow") command.addHelpText("after", () => `\n${describeMethods()}`);
  command
    .addHelpText("after", () => `\nExamples:\n${lines(entry.examples)}`)
    .action(async () => {
      const run = await load();
      await run(callOf(command, settings, command.processedArgs), io);
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
