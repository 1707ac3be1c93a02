export { runCli } from "./run-cli.js";
export type { CommandIo } from "./terminal/command-io.js";
