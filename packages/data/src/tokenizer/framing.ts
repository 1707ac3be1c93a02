/** A part of a framed sequence: a special token, or one of the texts; and its token type. */
export type FramePart =
  | { readonly id: number; readonly type: number }
  | { readonly text: 0 | 1; readonly type: number };

/** Tokens before, between and after the tokens of one text, and of a pair of texts. */
export interface Framing {
  readonly single: readonly FramePart[];
  readonly pair: readonly FramePart[];
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Tokens that the post-processor of a `tokenizer.json` adds to texts, as Hugging Face's tokenizers do; without one the texts
 * themselves. `undefined` where it is none that is known or names a token without an id.
 */
export function framingOf(processor: unknown): Framing | undefined {
  if (processor === null || processor === undefined) return PLAIN;
  const json = processor as Json;
  switch (json["type"]) {
    case "ByteLevel":
      return PLAIN;
    case "Sequence": {
      const inner = list(json["processors"]).filter((one) => (one as Json)["type"] !== "ByteLevel");
      return inner.length > 1 ? undefined : framingOf(inner[0]);
    }
    case "BertProcessing":
      return framedBy(json, (open, close) => [open(0), 0, close(0), 1, close(1)], 1);
    case "RobertaProcessing":
      return framedBy(json, (open, close) => [open(0), 0, close(0), close(0), 1, close(0)], 0);
    case "TemplateProcessing":
      return templates(json);
    default:
      return undefined;
  }
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Types without a post-processor: the second text of a pair has its own. */
const PLAIN: Framing = { single: [{ text: 0, type: 0 }], pair: [0, 1].map(textPart) };

function textPart(text: number): FramePart {
  return { text: text === 0 ? 0 : 1, type: text };
}

type Special = (type: number) => FramePart;

function framedBy(
  json: Json,
  pairOf: (open: Special, close: Special) => readonly (FramePart | 0 | 1)[],
  secondType: number,
): Framing | undefined {
  const [open, close] = ["cls", "sep"].map((name) => list(json[name])[1]);
  if (typeof open !== "number" || typeof close !== "number") return undefined;
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

interface TemplatePiece {
  readonly Sequence?: { readonly id: "A" | "B"; readonly type_id: number };
  readonly SpecialToken?: { readonly id: string; readonly type_id: number };
}

function templates(json: Json): Framing | undefined {
  const [single, pair] = [template(json, "single"), template(json, "pair")];
  return single === undefined || pair === undefined ? undefined : { single, pair };
}

function template(json: Json, name: string): readonly FramePart[] | undefined {
  const tokens = (json["special_tokens"] ?? {}) as Readonly<Record<string, Json | undefined>>;
  const parts: FramePart[] = [];
  for (const { Sequence, SpecialToken } of list(json[name]) as readonly TemplatePiece[]) {
    if (Sequence !== undefined) {
      parts.push({ text: Sequence.id === "A" ? 0 : 1, type: Sequence.type_id });
      continue;
    }
    const ids = list(tokens[SpecialToken?.id ?? ""]?.["ids"]);
    if (ids.length === 0) return undefined;
    for (const id of ids) parts.push({ id: Number(id), type: SpecialToken?.type_id ?? 0 });
  }
  return parts;
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
