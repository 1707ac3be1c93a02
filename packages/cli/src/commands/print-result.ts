import type { CommandIo } from "../terminal/command-io.js";

/** Prints a result: with `json` as one JSON object on stdout, else in words on stderr unless `quiet`. */
export function printResult(
  io: CommandIo,
  flags: { readonly json?: boolean; readonly quiet?: boolean },
  result: object,
  words: string,
): void {
  if (flags.json === true) io.stdout(`${JSON.stringify(result)}\n`);
  else if (flags.quiet !== true) io.stderr(words);
}
