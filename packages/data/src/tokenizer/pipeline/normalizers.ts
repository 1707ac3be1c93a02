import { byteCharacters } from "../models/byte-characters.js";
import { classPattern, WHITE_SPACE } from "../unicode/classes.js";
import { classBody, readRanges } from "../unicode/ranges.js";
import { type Form, lowerCase, normalForm } from "../unicode/text-forms.js";
import {
  DEEPEST,
  flag,
  type JsonPart,
  parts,
  text as textOf,
  TokenizerFault,
  unsupported,
  wrong,
} from "./json-part.js";
import { type Pattern, readPattern } from "./patterns.js";
import { readCharsmap } from "./charsmap.js";

/** What a tokenizer makes of a text before it cuts it. */
export interface Normalizer {
  readonly normalize: (text: string) => string;
  /** Source of a pattern that is searched with a deadline. */
  readonly watched?: string;
}

type Normalize = Normalizer["normalize"];

/** Reads the `normalizer` of `tokenizer.json`; `undefined` for none. */
export function readNormalizer(part: JsonPart | null): Normalizer | undefined {
  if (part === null) return undefined;
  const watched: string[] = [];
  const stages = flatten(part, 0).map((stage) =>
    readStage(stage, (pattern) => {
      if (pattern.isWatched) watched.push(pattern.source);
      return pattern;
    }),
  );
  return {
    normalize: (text) => stages.reduce((changed, stage) => stage(changed), text),
    ...(watched[0] === undefined ? {} : { watched: watched[0] }),
  };
}

function flatten(part: JsonPart, depth: number): readonly JsonPart[] {
  if (part["type"] !== "Sequence") return [part];
  if (depth > DEEPEST) throw new TokenizerFault("its normalizers are nested too deeply");
  return parts(part, "normalizers").flatMap((one) => flatten(one, depth + 1));
}

function readStage(part: JsonPart, watch: (pattern: Pattern) => Pattern): Normalize {
  const { type } = part;
  switch (type) {
    case "BertNormalizer":
      return bert(part);
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD":
      return (text) => normalForm(text, type satisfies Form);
    case "Lowercase":
      return lowerCase;
    case "Strip":
      return strip(flag(part, "strip_left"), flag(part, "strip_right"));
    case "StripAccents": {
      const marks = classPattern("combiningMark", "+");
      return (text) => text.replaceAll(marks, "");
    }
    case "Nmt":
      return nmt;
    case "Prepend": {
      const prepended = textOf(part, "prepend");
      return (text) => (text === "" ? text : prepended + text);
    }
    case "Replace":
      return replace(watch(readPattern(part, "pattern")), textOf(part, "content"));
    case "ByteLevel":
      return byteCharacters;
    case "Precompiled":
      return readCharsmap(textOf(part, "precompiled_charsmap"));
    default:
      throw unsupported("normalizer", part);
  }
}

/** Characters that BERT takes for Chinese; part of extension E is not among them, as in the library. */
export const CHINESE: RegExp =
  /[\u4E00-\u9FFF\u3400-\u4DBF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\uF900-\uFAFF\u{2F800}-\u{2FA1F}]/u;

const VISIBLE_ASCII = /^[ -~]*$/u;

/** Cleans, sets Chinese characters apart, strips accents and lowers case, in this order. */
function bert(part: JsonPart): Normalize {
  const [cleans, separates, lowers] = [
    flag(part, "clean_text"),
    flag(part, "handle_chinese_chars"),
    flag(part, "lowercase"),
  ];
  const strips = part["strip_accents"] ?? lowers;
  if (typeof strips !== "boolean") throw wrong(part, "strip_accents", "true, false or null");
  const [control, mark] = [classPattern("bertControl", "+"), classPattern("nonspacingMark", "+")];
  const space = new RegExp(`[${classBody(WHITE_SPACE)}]`, "gu");
  const chinese = new RegExp(CHINESE, "gu");
  return (text) => {
    if (VISIBLE_ASCII.test(text)) return lowers ? text.toLowerCase() : text;
    let changed = text;
    if (cleans) changed = changed.replaceAll(control, "").replaceAll(space, " ");
    if (separates) changed = changed.replaceAll(chinese, " $& ");
    if (strips) changed = normalForm(changed, "NFD").replaceAll(mark, "");
    return lowers ? lowerCase(changed) : changed;
  };
}

function strip(left: boolean, right: boolean): Normalize {
  const space = `[${classBody(WHITE_SPACE)}]+`;
  const [first, last] = [new RegExp(`^${space}`, "u"), new RegExp(`^${space}`, "u")];
  return (text) => {
    const begun = left ? text.replace(first, "") : text;
    if (!right) return begun;
    // from the end, as a search for white space at the end begins anew at every run of it
    let end = begun.length;
    while (end > 0 && last.test(begun.charAt(end - 1))) end--;
    return begun.slice(0, end);
  };
}

const NMT_DROPPED = new RegExp(`[${classBody(readRanges("1.7 2 2.h 2n f f"))}]`, "gu");
const NMT_SPACES = /[\t\n\f\r\u1680\u200B-\u200F\u2028\u2029\u2581\uFEFF\uFFFD]/gu;

/** The cleaning of sentencepiece's `nmt` normalisation. */
function nmt(text: string): string {
  return text.replaceAll(NMT_DROPPED, "").replaceAll(NMT_SPACES, " ");
}

function replace(pattern: Pattern, content: string): Normalize {
  return (text) => {
    let [written, before] = ["", 0];
    pattern.forEach(text, (start, end) => {
      written += text.slice(before, start) + content;
      before = end;
    });
    return before === 0 && written === "" ? text : written + text.slice(before);
  };
}
