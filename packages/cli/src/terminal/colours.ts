import picocolors from "picocolors";

/** Look of a piece of text, by its meaning. */
export type Style = "error" | "warning" | "good" | "command" | "heading" | "faint";

/** A piece of text with a look. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

/** Words for a terminal: plain text, or pieces of it. */
export type Words = string | readonly (string | Span)[];

const { bold, cyan, dim, green, red, yellow } = picocolors.createColors(true);

const LOOKS: Readonly<Record<Style, (text: string) => string>> = {
  error: (text) => bold(red(text)),
  warning: yellow,
  good: green,
  command: cyan,
  heading: bold,
  faint: dim,
};

/** A text with the codes of its look. */
export const painted = (text: string, style: Style): string => LOOKS[style](text);

/** The text of some words, without any look. */
export const plainText = (words: Words): string =>
  typeof words === "string"
    ? words
    : words.map((part) => (typeof part === "string" ? part : part.text)).join("");

/**
 * Whether a stream shows colours: as `FORCE_COLOR` says, else not where `NO_COLOR` is set (https://no-color.org), else where it is a
 * terminal that can.
 */
export function showsColours(
  isTerminal: boolean,
  {
    FORCE_COLOR: force = "",
    NO_COLOR: none = "",
    TERM: term,
  }: Readonly<Record<string, string | undefined>>,
): boolean {
  if (force !== "") return force !== "0" && force !== "false";
  return none === "" && isTerminal && term !== "dumb";
}
