import { byteCharacters } from "../models/byte-characters.js";
import { classRanges, isOf, WHITE_SPACE } from "../unicode/classes.js";
import { classBody, membership } from "../unicode/ranges.js";
import {
  character,
  DEEPEST,
  flag,
  type JsonPart,
  parts,
  TokenizerFault,
  unsupported,
  wrong,
} from "./json-part.js";
import { type Pattern, readPattern, regexPattern } from "./patterns.js";
import { type Behavior, BEHAVIORS, charactersOf, type Cut, cutAt } from "./split.js";

/** How a tokenizer cuts a normalised text into words. */
export interface PreTokenizer {
  readonly cut: Cut;
  /** Whether the words it gives are still to be written as bytes, as those of a byte-level vocabulary. */
  readonly isByteLevel: boolean;
  /** Source of a pattern that is searched with a deadline. */
  readonly watched?: string;
}

/** The pattern by which GPT-2 cuts: words with the space before them, numbers, signs, and white space. */
export const GPT2: string = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

const whole: Cut = (text, isFirst, emit) => emit(text, isFirst);

/** Reads the `pre_tokenizer` of `tokenizer.json`. */
export function readPreTokenizer(part: JsonPart | null): PreTokenizer {
  if (part === null) return { cut: whole, isByteLevel: false };
  const stages = flatten(part, 0);
  const isByteLevel = stages.at(-1)?.["type"] === "ByteLevel";
  const watched: string[] = [];
  const watch = (pattern: Pattern): Pattern => {
    if (pattern.isWatched) watched.push(pattern.source);
    return pattern;
  };
  const cuts = stages.map((stage, index) =>
    readStage(stage, watch, isByteLevel && index === stages.length - 1),
  );
  return {
    cut: cuts.reduce((first, second) => chain(first, second), whole),
    isByteLevel,
    ...(watched[0] === undefined ? {} : { watched: watched[0] }),
  };
}

function chain(first: Cut, second: Cut): Cut {
  if (first === whole) return second;
  return (text, isFirst, emit) =>
    first(text, isFirst, (part, isStart) => second(part, isStart, emit));
}

/** The parts of sequences in sequences, in order. */
function flatten(part: JsonPart, depth: number): readonly JsonPart[] {
  if (part["type"] !== "Sequence") return [part];
  if (depth > DEEPEST) throw new TokenizerFault("its pre-tokenizers are nested too deeply");
  return parts(part, "pretokenizers").flatMap((one) => flatten(one, depth + 1));
}

function readStage(
  part: JsonPart,
  watch: (pattern: Pattern) => Pattern,
  isLastByteLevel: boolean,
): Cut {
  switch (part["type"]) {
    case "BertPreTokenizer":
      return chain(cutAt(spaces, "Removed"), cutAt(charactersOf(isOf("punctuation")), "Isolated"));
    case "WhitespaceSplit":
      return cutAt(spaces, "Removed");
    case "Whitespace":
      return cutAt(words(), "Removed", true);
    case "Punctuation":
      return cutAt(charactersOf(isOf("punctuation")), behavior(part, "Isolated"));
    case "Digits": {
      const isSingle = flag(part, "individual_digits");
      return cutAt(charactersOf(isOf("numeric")), isSingle ? "Isolated" : "Contiguous");
    }
    case "CharDelimiterSplit":
      return cutAt(charactersOf(is(character(part, "delimiter"))), "Removed");
    case "Split":
      return cutAt(watch(readPattern(part, "pattern")), behavior(part), flag(part, "invert"));
    case "FixedLength":
      return fixedLength(part);
    case "Metaspace":
      return metaspace(part);
    case "ByteLevel":
      return byteLevel(part, isLastByteLevel);
    default:
      throw unsupported("pre-tokenizer", part);
  }
}

const spaces = charactersOf(membership(WHITE_SPACE));

function is(wanted: string): (code: number) => boolean {
  const code = wanted.codePointAt(0);
  return (one) => one === code;
}

/** Words, and runs of what is neither word nor white space. */
function words(): Pick<Pattern, "forEach"> {
  const [word, space] = [classBody(classRanges("word")), classBody(WHITE_SPACE)];
  const regex = new RegExp(`[${word}]+|[^${word}${space}]+`, "gu");
  return {
    forEach(text, visit) {
      for (const { 0: found, index } of text.matchAll(regex)) visit(index, index + found.length);
    },
  };
}

function behavior(part: JsonPart, otherwise?: Behavior): Behavior {
  const given = part["behavior"] ?? otherwise;
  const known = BEHAVIORS.find((one) => one === given);
  if (known === undefined) throw wrong(part, "behavior", `one of ${BEHAVIORS.join(", ")}`);
  return known;
}

function fixedLength(part: JsonPart): Cut {
  const length = part["length"] ?? 5;
  if (!Number.isSafeInteger(length) || (length as number) < 1) {
    throw wrong(part, "length", "a positive integer");
  }
  return (text, isFirst, emit) => {
    const characters = Array.from(text);
    for (let at = 0; at < characters.length; at += length as number) {
      emit(characters.slice(at, at + (length as number)).join(""), isFirst && at === 0);
    }
  };
}

/** Writes spaces as a visible sign, of which one may be put in front, and cuts before it. */
function metaspace(part: JsonPart): Cut {
  const sign = character(part, "replacement");
  const scheme = part["prepend_scheme"] ?? "always";
  if (scheme !== "always" && scheme !== "first" && scheme !== "never") {
    throw wrong(part, "prepend_scheme", `"always", "first" or "never"`);
  }
  if (part["add_prefix_space"] === false && scheme !== "never") {
    throw wrong(part, "prepend_scheme", `"never", as "add_prefix_space" is false`);
  }
  const isCut = part["split"] ?? true;
  if (typeof isCut !== "boolean") throw wrong(part, "split", "true or false");
  const cut = isCut ? cutAt(charactersOf(is(sign)), "MergedWithNext") : whole;
  return (text, isFirst, emit) => {
    const signed = text.replaceAll(" ", sign);
    const isPrepended = scheme === "always" || (scheme === "first" && isFirst);
    cut(isPrepended && !signed.startsWith(sign) ? sign + signed : signed, isFirst, emit);
  };
}

/** Cuts as GPT-2 does. The last of a sequence leaves it to the model to write words as bytes, once for each word. */
function byteLevel(part: JsonPart, isLast: boolean): Cut {
  const isPrefixed = flag(part, "add_prefix_space");
  flag(part, "trim_offsets");
  const isCut = part["use_regex"] ?? true;
  if (typeof isCut !== "boolean") throw wrong(part, "use_regex", "true or false");
  const cut = isCut ? cutAt(regexPattern(GPT2), "Isolated") : whole;
  return (text, isFirst, emit) => {
    const spaced = isPrefixed && !text.startsWith(" ") ? ` ${text}` : text;
    cut(spaced, isFirst, isLast ? emit : (word, isStart) => emit(byteCharacters(word), isStart));
  };
}
