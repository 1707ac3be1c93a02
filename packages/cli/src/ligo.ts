#!/usr/bin/env node
import { runCli } from "./run-cli.js";

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // The second time there is no waiting for the step under way.
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort();
  });
}
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // The reader of a pipe may leave early, as `head` does.
  process.exit(error.code === "EPIPE" ? 0 : 1);
});

process.exitCode = await runCli(process.argv.slice(2), { signal: interrupt.signal });
