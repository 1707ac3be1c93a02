#!/usr/bin/env node
import { runCli } from "./run-cli.js";
import { stopSignal } from "./terminal/stop-signals.js";

const signal = stopSignal(process);
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // The reader of a pipe may leave early, as `head` does.
  process.exit(error.code === "EPIPE" ? 0 : 1);
});

process.exitCode = await runCli(process.argv.slice(2), { signal });
