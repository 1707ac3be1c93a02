import { CommanderError } from "commander";
import { shortened } from "@ligo/core/json";
import { FIRST_STEPS, helpWords } from "./help/help-words.js";
import { inFlags } from "./flags/in-flags.js";
import { createProgram } from "./program.js";
import { processIo, type CommandIo } from "./terminal/command-io.js";
import { openTerminal, type Terminal } from "./terminal/terminal.js";

/** Exit codes: done, our fault, bad input, interrupted. */
const EXIT = { done: 0, fault: 1, input: 2, interrupted: 130 } as const;

/** Characters of the longest message that is told whole: one may quote a file. */
const LONGEST_MESSAGE = 8000;

/**
 * Runs one `ligo` command in this process and returns its exit code: 0 done, 2 bad input, 1 our fault, 130 interrupted.
 * Never throws and never ends the process.
 *
 * @param argv the words after `ligo`
 */
export async function runCli(
  argv: readonly string[],
  io: Partial<CommandIo> = {},
): Promise<number> {
  const own = processIo(process);
  // streams of a program around this one show none, unless it says so
  const colours = io.stdout === undefined && io.stderr === undefined ? own.colours : undefined;
  const terminal = openTerminal({ ...own, colours, ...io });
  if (argv.length === 0) {
    terminal.stdout(helpWords(FIRST_STEPS));
    return EXIT.done;
  }
  try {
    await createProgram(terminal, argv).parseAsync([...argv], { from: "user" });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.input;
    return exitCode(error, argv[0] ?? "", terminal);
  }
}

/** Tells an error and returns the exit code it stands for. */
async function exitCode(error: unknown, command: string, io: Terminal): Promise<number> {
  // Loaded only here, so that --help and --version need not.
  const { LigoError, SettingsError } = await import("@ligo/sdk");
  if (!LigoError.isInstance(error)) {
    if (io.signal?.aborted === true) {
      io.stderr("\nInterrupted. Nothing was written.\n");
      return EXIT.interrupted;
    }
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    io.stderr([
      { text: "error:", style: "error" },
      ` this is our fault, not yours. Please report it with the lines below.\n${stack}\n`,
    ]);
    return EXIT.fault;
  }
  // a recipe has the names of settings, not of flags
  const isRecipe = error instanceof SettingsError && error.file !== undefined;
  const words = isRecipe ? error.message : inFlags(error.message, command);
  const message = shortened(words, LONGEST_MESSAGE);
  if (error.code === "run/interrupted") {
    io.stderr(`\n${message}\n`);
    return EXIT.interrupted;
  }
  io.stderr([{ text: `error [${error.code}]:`, style: "error" }, ` ${message}\n`]);
  return EXIT.input;
}
