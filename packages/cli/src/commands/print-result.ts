import { jsonKeys } from "@ligo/sdk/settings";
import type { Call } from "../flags/given.js";
import type { Words } from "../terminal/colours.js";
import type { Terminal } from "../terminal/terminal.js";

/** Prints a result on stdout: with `--json` as one JSON object, else in words unless `--quiet`. */
export function printResult(
  { face }: Pick<Call, "face">,
  io: Terminal,
  result: object,
  words: Words,
): void {
  if (face.json === true) io.stdout(`${JSON.stringify(result)}\n`);
  else if (face.quiet !== true) io.stdout(words);
}

/** Some of the facts of a result as JSON has them; those that are undefined are left out. */
export function factsOf<T extends object>(result: T, names: readonly (keyof T & string)[]): object {
  const entries = names.map((name) => [name, result[name]] as const);
  return jsonKeys(Object.fromEntries(entries.filter(([, value]) => value !== undefined))) as object;
}
