import { snakeCase } from "@ligo/sdk/settings";
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

/** The same value with keys as JSON has them, `held_out` for `heldOut`; names such as `HasAns_exact` stay. */
export function jsonKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(jsonKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      /^[a-z][\da-z]*[A-Z]/u.test(key) ? snakeCase(key) : key,
      jsonKeys(inner),
    ]),
  );
}

/** Some of the facts of a result as JSON has them; those that are undefined are left out. */
export function factsOf<T extends object>(result: T, names: readonly (keyof T & string)[]): object {
  const entries = names.map((name) => [name, result[name]] as const);
  return jsonKeys(Object.fromEntries(entries.filter(([, value]) => value !== undefined))) as object;
}
