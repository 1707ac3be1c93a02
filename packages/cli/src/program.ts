import { createRequire } from "node:module";
import { Command, Option } from "commander";
import { CATALOG, type CommandEntry } from "./commands/catalog.js";
import { callOf } from "./flags/given.js";
import { commandOptions, FACE_GROUP } from "./flags/options.js";
import { exampleLines, helpWords, methodLines } from "./help/help-words.js";
import type { Terminal } from "./terminal/terminal.js";

/** The command line. Nothing of a command is loaded, and no flag of it made, unless `argv` names it. */
export function createProgram(io: Terminal, argv: readonly string[]): Command {
  const program = new Command("ligo")
    .description("Grow pretrained transformers: learn a large model's weights from a small one's.")
    .version(readVersion())
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout(helpWords(text)), writeErr: io.stderr })
    .showHelpAfterError("(ligo help <command> lists its options)")
    .configureHelp({ subcommandTerm: termOf })
    .addHelpText("after", "\nligo <command> --help lists its flags, with examples.");
  for (const entry of CATALOG) {
    const command = addCommand(program, entry, io);
    if (argv.includes(entry.name)) addFlags(command, entry);
  }
  program
    .command("version", { hidden: true })
    .description("print the version number")
    .action(() => io.stdout(`${readVersion()}\n`));
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
  const help = new Option("-h, --help", "show this help").helpGroup(FACE_GROUP);
  command.addHelpOption(help);
  if (name === "grow") command.addHelpText("after", () => `\n${methodLines()}`);
  command.addHelpText("after", () => `\nExamples:\n${exampleLines(examples)}`);
}

function addCommand(program: Command, entry: CommandEntry, io: Terminal): Command {
  const { group = "Models and machine", load, name, says, settings = name, sources, usage } = entry;
  const command = program.command(name).description(says).helpGroup(`${group}:`);
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

/** The version in `package.json`, which lies at the same distance from sources and builds. */
function readVersion(): string {
  const manifest = createRequire(import.meta.url)("../package.json") as {
    readonly version: string;
  };
  return manifest.version;
}
