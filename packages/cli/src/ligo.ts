#!/usr/bin/env node
import { stopSignal } from "./terminal/stop-signals.js";
import { readVersion } from "./version.js";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // The reader of a pipe may leave early, as `head` does.
  process.exit(error.code === "EPIPE" ? 0 : 1);
});

const argv = process.argv.slice(2);
// What scripts ask first, and often: it loads nothing.
if (argv.length === 1 && ["-V", "--version"].includes(argv[0] ?? "")) {
  process.stdout.write(`${readVersion()}\n`);
} else {
  const signal = stopSignal(process);
  const { runCli } = await import("./run-cli.js");
  process.exitCode = await runCli(argv, { signal });
}
