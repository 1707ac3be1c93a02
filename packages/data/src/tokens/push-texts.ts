import type { TextPart } from "../texts/read-texts.js";
import type { TextTokenizer } from "../tokenizer/tokenizer.js";
import type { TokenSink } from "./token-stream.js";

/** Texts as read by `readTexts`, or as plain strings. */
export type TextSource = AsyncIterable<TextPart | string> | Iterable<TextPart | string>;

/** Lines that are encoded at once. */
const LINES = 1024;

/** Puts the ids of all texts, line by line, into a stream, until it is full. */
export async function pushLines(
  texts: TextSource,
  tokenizer: TextTokenizer,
  stream: TokenSink,
): Promise<void> {
  for await (const part of texts) {
    const text = typeof part === "string" ? part : part.text;
    const lines = text.split("\n");
    for (let start = 0; start < lines.length; start += LINES) {
      for (const ids of tokenizer.encodeAll(lines.slice(start, start + LINES))) {
        stream.push(ids);
        if (stream.isFull) return;
      }
    }
  }
}

/** Puts the ids of all documents into a stream, until it is full. */
export async function pushDocuments(
  texts: TextSource,
  tokenizer: TextTokenizer,
  stream: TokenSink,
): Promise<void> {
  const { end } = tokenizer.special;
  const close = (): void => {
    if (end !== undefined) stream.push([end]);
  };
  let open: string | undefined;
  for await (const part of texts) {
    const { file, text, row } =
      typeof part === "string" ? { file: undefined, text: part, row: undefined } : part;
    if (open !== undefined && open !== file) close();
    stream.push(tokenizer.encode(text));
    const whole = file === undefined || row !== undefined;
    if (whole) close();
    open = whole ? undefined : file;
    if (stream.isFull) return;
  }
  if (open !== undefined) close();
}
