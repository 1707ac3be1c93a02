import { isOf, WHITE_SPACE } from "../unicode/classes.js";
import { membership } from "../unicode/ranges.js";

/** A token that is looked for in a text before the text is cut. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
  /** Whether it is looked for in normalised text, in its own normalised form. */
  readonly normalized: boolean;
  /** Whether it takes the white space before it, and behind it. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Whether it stands for a whole word only. */
  readonly singleWord: boolean;
}

/** A stretch of a text: an added token, or text between them. */
export type Section = { readonly id: number } | { readonly start: number; readonly end: number };

const FEW = 8;

/** Finds added tokens in a text, the longest of those that begin at a place; `undefined` where there are none to find. */
export function addedTokenFinder(
  tokens: readonly { readonly token: AddedToken; readonly content: string }[],
): AddedTokenFinder | undefined {
  const byContent = new Map<string, AddedToken>();
  for (const { token, content } of tokens) {
    if (content !== "" && !byContent.has(content)) byContent.set(content, token);
  }
  if (byContent.size === 0) return undefined;
  const pattern = [...byContent.keys()]
    .sort((one, other) => other.length - one.length)
    .map((content) => content.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`))
    .join("|");
  const [all, any] = [new RegExp(pattern, "gu"), new RegExp(pattern, "u")];
  const contents = [...byContent.keys()];
  return {
    // to look for each of a few is quicker than one pattern of all
    isIn:
      contents.length <= FEW
        ? (text) => contents.some((content) => text.includes(content))
        : (text) => any.test(text),
    find: (text) => findAll(text, all, byContent),
  };
}

export interface AddedTokenFinder {
  /** Whether the letters of one are in a text. */
  isIn(text: string): boolean;
  /** The sections of a text, in order. */
  find(text: string): readonly Section[];
}

const isWord = isOf("word");
const isSpace = membership(WHITE_SPACE);

function findAll(
  text: string,
  pattern: RegExp,
  tokens: ReadonlyMap<string, AddedToken>,
): readonly Section[] {
  const sections: Section[] = [];
  let done = 0;
  for (const { 0: content, index } of text.matchAll(pattern)) {
    const token = tokens.get(content);
    let [start, end] = [index, index + content.length];
    if (token === undefined || (token.singleWord && !standsAlone(text, start, end))) continue;
    if (token.lstrip) {
      while (start > 0 && isSpace(text.charCodeAt(start - 1))) start--;
      start = Math.max(start, done);
    }
    if (token.rstrip) {
      while (end < text.length && isSpace(text.charCodeAt(end))) end++;
    }
    if (done < start) sections.push({ start: done, end: start });
    sections.push({ id: token.id });
    done = end;
  }
  if (done < text.length) sections.push({ start: done, end: text.length });
  return sections;
}

function standsAlone(text: string, start: number, end: number): boolean {
  const before = codeBefore(text, start);
  const behind = text.codePointAt(end);
  return (before === undefined || !isWord(before)) && (behind === undefined || !isWord(behind));
}

function codeBefore(text: string, at: number): number | undefined {
  if (at === 0) return undefined;
  const unit = text.charCodeAt(at - 1);
  const isLow = unit >= 0xdc00 && unit < 0xe000 && at > 1;
  return text.codePointAt(isLow ? at - 2 : at - 1);
}
