import {
  DEEPEST,
  isObject,
  type JsonPart,
  parts,
  TokenizerFault,
  unsupported,
  wrong,
} from "./pipeline/json-part.js";
import { isId } from "./models/model.js";

/** A part of a framed sequence: a special token, or one of the texts; and its token type. */
export type FramePart =
  | { readonly id: number; readonly type: number }
  | { readonly text: 0 | 1; readonly type: number };

/** Tokens before, between and after the tokens of one text, and of a pair of texts. */
export interface Framing {
  readonly single: readonly FramePart[];
  readonly pair: readonly FramePart[];
}

/**
 * Tokens that the post-processor of a `tokenizer.json` adds to texts, as Hugging Face's tokenizers do; without one the texts
 * themselves. `undefined` where several follow each other that each add some.
 *
 * @throws TokenizerFault where it is malformed, or of a kind that is not known
 */
export function framingOf(processor: unknown, depth = 0): Framing | undefined {
  if (processor === null || processor === undefined) return PLAIN;
  if (!isObject(processor)) throw new TokenizerFault(`its "post_processor" is no object`);
  switch (processor["type"]) {
    case "ByteLevel":
      return PLAIN;
    case "Sequence": {
      if (depth > DEEPEST) throw new TokenizerFault("its post-processors are nested too deeply");
      const framings = parts(processor, "processors").map((one) => framingOf(one, depth + 1));
      const adding = framings.filter((one) => one !== PLAIN);
      return adding.length > 1 ? undefined : adding.length === 1 ? adding[0] : PLAIN;
    }
    case "BertProcessing":
      return framedBy(processor, (open, close) => [open(0), 0, close(0), 1, close(1)], 1);
    case "RobertaProcessing":
      return framedBy(processor, (open, close) => [open(0), 0, close(0), close(0), 1, close(0)], 0);
    case "TemplateProcessing": {
      const [single, pair] = [template(processor, "single"), template(processor, "pair")];
      return { single, pair };
    }
    default:
      throw unsupported("post-processor", processor);
  }
}

/** Types without a post-processor: the second text of a pair has its own. */
const PLAIN: Framing = { single: [{ text: 0, type: 0 }], pair: [0, 1].map(textPart) };

function textPart(text: number): FramePart {
  return { text: text === 0 ? 0 : 1, type: text };
}

type Special = (type: number) => FramePart;

function framedBy(
  json: JsonPart,
  pairOf: (open: Special, close: Special) => readonly (FramePart | 0 | 1)[],
  secondType: number,
): Framing {
  const [open, close] = [tokenId(json, "cls"), tokenId(json, "sep")];
  const special =
    (id: number): Special =>
    (type) => ({ id, type });
  const pair = pairOf(special(open), special(close)).map((part) =>
    typeof part === "number" ? { text: part, type: part * secondType } : part,
  );
  return {
    single: [
      { id: open, type: 0 },
      { text: 0, type: 0 },
      { id: close, type: 0 },
    ],
    pair,
  };
}

/** The id of a token that is written as a pair of content and id. */
function tokenId(json: JsonPart, key: string): number {
  const pair = json[key];
  if (!Array.isArray(pair) || pair.length !== 2) throw wrong(json, key, "a token and its id");
  const [token, id] = pair as readonly unknown[];
  if (typeof token !== "string" || !isId(id)) throw wrong(json, key, "a token and its id");
  return id;
}

/** A template that holds no text twice, and a single one: where one stood twice, its tokens would be there twice even unframed. */
function template(json: JsonPart, key: "single" | "pair"): readonly FramePart[] {
  const made = templateParts(json, key);
  const texts = made.flatMap((part) => ("text" in part ? [part.text] : []));
  if (new Set(texts).size < texts.length || (key === "single" && texts.length === 0)) {
    throw wrong(json, key, "a template that holds each text once");
  }
  return made;
}

function templateParts(json: JsonPart, key: "single" | "pair"): readonly FramePart[] {
  return parts(json, key).flatMap((piece): readonly FramePart[] => {
    const { Sequence: sequence, SpecialToken: token } = piece;
    if (isObject(sequence) && (sequence["id"] === "A" || sequence["id"] === "B")) {
      if (key === "single" && sequence["id"] === "B") {
        throw wrong(json, key, "a template of one text");
      }
      return [{ text: sequence["id"] === "A" ? 0 : 1, type: typeOf(sequence) }];
    }
    if (!isObject(token) || typeof token["id"] !== "string") {
      throw wrong(json, key, "a template of texts and special tokens");
    }
    return specialIds(json, token["id"]).map((id) => ({ id, type: typeOf(token) }));
  });
}

function typeOf(piece: JsonPart): number {
  if (!isId(piece["type_id"])) throw wrong(piece, "type_id", "a token type");
  return piece["type_id"];
}

function specialIds(json: JsonPart, token: string): readonly number[] {
  const tokens = json["special_tokens"];
  const special: unknown = isObject(tokens) ? tokens[token] : undefined;
  const ids: unknown = isObject(special) ? special["ids"] : undefined;
  if (!Array.isArray(ids) || ids.length === 0 || !ids.every(isId)) {
    throw new TokenizerFault(
      `its post-processor names the token ${JSON.stringify(token.slice(0, 80))}, for which "special_tokens" has no ids`,
    );
  }
  return ids;
}

/** Tokens that a framing adds to its texts. */
export function addedTokens(parts: readonly FramePart[]): number {
  return parts.filter((part) => "id" in part).length;
}

/**
 * How many tokens of each of two texts are kept in a sequence that has `room` for their tokens: the longer one is cut
 * first, as Hugging Face's `longest_first` does. As there, of a text longer than the whole sequence no more is known, which
 * decides who gets the last token where `room` is odd and both are cut.
 */
export function truncatedLengths(
  [first, second]: readonly [number, number],
  room: number,
  sequence: number,
): readonly [number, number] {
  const known = [Math.min(first, sequence), Math.min(second, sequence)] as const;
  const [short, long] = known[0] <= known[1] ? known : ([known[1], known[0]] as const);
  if (short + long <= room) return known;
  const least = Math.min(short, Math.floor(room / 2));
  return known[0] > known[1] ? [room - least, least] : [least, room - least];
}

/** Rows of one length, of which a batch is made. */
export interface FramedRows {
  /** Token ids, padded on the right. */
  readonly input_ids: Int32Array;
  /** 1 for tokens, 0 for padding. */
  readonly attention_mask: Int32Array;
  readonly token_type_ids: Int32Array;
}

/** How rows are framed. */
export interface FramedRowOptions {
  /** Tokens of a row, special ones and padding included; what does not fit is cut. */
  readonly sequence: number;
  readonly framing: Framing;
  /** Id of padding. */
  readonly pad: number;
}

/** Rows of one text or a pair each, framed and padded. */
export function framedRows(
  rows: readonly (readonly Int32Array[])[],
  { framing, pad, sequence }: FramedRowOptions,
): FramedRows {
  const size = rows.length * sequence;
  const framed = {
    input_ids: new Int32Array(size).fill(pad),
    attention_mask: new Int32Array(size),
    token_type_ids: new Int32Array(size),
  };
  for (const [row, texts] of rows.entries()) frameInto(framed, row, sequence, texts, framing);
  return framed;
}

/** Puts texts into row `row` of a batch whose rows have `sequence` tokens; texts that do not fit are cut. */
function frameInto(
  rows: FramedRows,
  row: number,
  sequence: number,
  texts: readonly Int32Array[],
  framing: Framing,
): void {
  const parts = texts.length > 1 ? framing.pair : framing.single;
  const [first = 0, second = 0] = texts.map(({ length }) => length);
  const lengths = truncatedLengths([first, second], sequence - addedTokens(parts), sequence);
  const start = row * sequence;
  let place = start;
  for (const part of parts) {
    const begin = place;
    if ("id" in part) rows.input_ids[place++] = part.id;
    else {
      const kept = texts[part.text]?.subarray(0, lengths[part.text]) ?? new Int32Array(0);
      rows.input_ids.set(kept, place);
      place += kept.length;
    }
    rows.token_type_ids.fill(part.type, begin, place);
  }
  rows.attention_mask.fill(1, start, place);
}
