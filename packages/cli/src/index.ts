export { runCli } from "./run-cli.js";
export { type CommandIo, processIo } from "./terminal/command-io.js";
export { createProgress, type Progress, type ProgressOptions } from "./terminal/progress.js";
export { openTerminal, type Terminal } from "./terminal/terminal.js";
export type { Span, Style, Words } from "./terminal/colours.js";
