import { CommanderError } from "commander";
import { processIo, type CommandIo } from "./terminal/command-io.js";
import { createProgram } from "./program.js";

/** Exit codes: done, our fault, bad input, interrupted. */
const EXIT = { done: 0, fault: 1, input: 2, interrupted: 130 } as const;

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
  const full: CommandIo = { ...processIo(), ...io };
  try {
    await createProgram(full).parseAsync([...argv], { from: "user" });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.input;
    // Loaded only here, so that --help and --version need not.
    const { LigoError } = await import("@ligo/core");
    if (LigoError.isInstance(error) && error.code === "cli/interrupted") {
      full.stderr(`\n${error.message}\n`);
      return EXIT.interrupted;
    }
    if (full.signal?.aborted === true && !LigoError.isInstance(error)) {
      full.stderr("\nInterrupted. Nothing was written.\n");
      return EXIT.interrupted;
    }
    if (LigoError.isInstance(error)) {
      full.stderr(`error [${error.code}]: ${error.message}\n`);
      return EXIT.input;
    }
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    full.stderr(
      `error: this is our fault, not yours. Please report it with the lines below.\n${stack}\n`,
    );
    return EXIT.fault;
  }
}
