#!/usr/bin/env node
import { runCli } from "./run-cli.js";
import { endWithReader } from "./terminal/closed-pipe.js";
import { stopSignal } from "./terminal/stop-signals.js";

const signal = stopSignal(process);
endWithReader([process.stdout, process.stderr], (code) => process.exit(code));

process.exitCode = await runCli(process.argv.slice(2), { signal });
