import { runCli } from "./run-cli.js";
import { processIo, type CommandIo } from "./terminal/command-io.js";
import { letGoOfTerminals } from "./terminal/let-go.js";
import { createOutputs } from "./terminal/outputs.js";
import { outlivesTerminal } from "./terminal/outlives-terminal.js";
import { listenForStop } from "./terminal/stop-signals.js";

/** Runs the command that a process was started with, ends it as its signals and its terminal ask, and sets its exit code. */
export async function runProcess(own: NodeJS.Process, io: Partial<CommandIo> = {}): Promise<void> {
  const stop = listenForStop(own, outlivesTerminal(own));
  letGoOfTerminals(own);
  const outputs = createOutputs(own.stdout, own.stderr, {
    onTerminalGone: () => stop.hangUp(),
    onResultsLost: (reason) => {
      own.exitCode = 2;
      const words = `The result cannot be written to stdout (${reason}). Send it elsewhere.`;
      outputs.stderr(`error [output/write-failed]: ${words}\n`);
    },
  });
  const streams = { ...processIo(own), ...outputs, signal: stop.signal, ...io };
  const code = await runCli(own.argv.slice(2), streams);
  own.exitCode ||= code;
}
