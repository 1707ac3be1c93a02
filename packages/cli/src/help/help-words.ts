import type { CommandEntry } from "../commands/catalog.js";
import { METHODS } from "../flags/flags.generated.js";
import type { Span, Words } from "../terminal/colours.js";

/** Columns from which the words on an example stand on a line of their own. */
const WIDTH = 80;

/** Lines of examples, the words on each behind it or above it. */
export function exampleLines(examples: CommandEntry["examples"]): string {
  const parts = examples.map(exampleParts);
  const width = Math.max(...parts.map(([line]) => line.length));
  const fits = parts.every(([, says]) => width + says.length + 6 <= WIDTH);
  return parts
    .map(([line, says]) => {
      if (says === "") return `  ${line}`;
      return fits ? `  ${line.padEnd(width)}  # ${says}` : `  # ${says}\n  ${line}`;
    })
    .join("\n");
}

/** The command line of an example, and the words on it. */
export function exampleParts(example: string): readonly [line: string, says: string] {
  const [line = "", says = ""] = example.split("  # ");
  return [line, says];
}

/** The methods for the help of `ligo grow`. */
export function methodLines(): string {
  const width = Math.max(...METHODS.map(({ name }) => name.length));
  const rows = METHODS.map(
    ({ name, says, source }) => `  ${name.padEnd(width)}  ${says} (${source})`,
  );
  return `Methods:\n${rows.join("\n")}`;
}

/** First steps, for who calls `ligo` without a command. */
export const FIRST_STEPS = `Grow a pretrained transformer into a larger one.

Try first, with your checkpoint (a folder, or a hub id) for small:
  ligo doctor                                  # what this machine computes on
  ligo plan small --to 2x                      # what would grow, memory and time; writes nothing
  ligo grow small --to 2x --out large          # a model twice the size, as a Hugging Face checkpoint
  ligo train large --data texts --out trained  # train it on

All commands: ligo --help. All flags and examples of one: ligo grow --help.
`;

/** A page of help with its headings and examples told apart from the rest. */
export function helpWords(text: string): Words {
  return text.split(/(?<=\n)/u).flatMap((line): (string | Span)[] => {
    const heading = /^(Usage:|[A-Z][\w ]*:$)(.*)$/su.exec(line.replace(/\n$/u, ""));
    if (heading !== null)
      return [{ text: heading[1] ?? "", style: "heading" }, `${heading[2] ?? ""}\n`];
    const example = /^( {2})((?:ligo|eval) .*?)( *# .*)?(\n?)$/u.exec(line);
    if (example === null) return [line];
    const [, indent = "", command = "", says = "", end = ""] = example;
    return [indent, { text: command, style: "command" }, { text: says, style: "faint" }, end];
  });
}
