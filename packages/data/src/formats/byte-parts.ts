import { isContinuation } from "./utf8.js";
import type { DataFormat } from "./data-format.js";
import { openBytes } from "./byte-reader.js";
import { checkEncoding } from "./wide-encoding.js";

/** Consecutive bytes of a file. */
export interface BytePart {
  readonly bytes: Uint8Array;
  /** Place of the first byte in the (unpacked) file. */
  readonly offset: number;
  /** Line that the first byte is in, from 1. */
  readonly line: number;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * A file in parts of about `partBytes`, cut at line ends: `\n`, `\r\n` or `\r`. Where a line is longer it is cut too, between
 * words if possible; with `wholeLines` it makes a longer part instead.
 *
 * @throws DataError `data/not-utf8` for UTF-16 and UTF-32
 */
export async function* byteParts(
  file: string,
  { gzip }: Pick<DataFormat, "gzip">,
  { partBytes, wholeLines }: { readonly partBytes: number; readonly wholeLines: boolean },
): AsyncGenerator<BytePart, void, undefined> {
  const reader = await openBytes(file, gzip);
  const cutAt = wholeLines ? cutAfterLine : cutAnywhere;
  try {
    let offset = 0;
    let line = 1;
    let rest: Uint8Array = new Uint8Array(0);
    for (;;) {
      // a line that spans many parts is not copied for each of them
      const wanted = Math.max(partBytes, rest.length);
      const block = await reader.read(wanted);
      if (offset === 0 && rest.length === 0) checkEncoding(file, block);
      const bytes = rest.length === 0 ? block : Buffer.concat([rest, block]);
      const atEnd = block.length < wanted;
      const cut = atEnd ? bytes.length : cutAt(bytes);
      if (cut > 0) {
        const part = bytes.subarray(0, cut);
        yield { bytes: part, offset, line };
        line += countLineEnds(part);
      }
      if (atEnd) return;
      rest = bytes.subarray(cut);
      offset += cut;
    }
  } finally {
    await reader.close();
  }
}

/** Place behind the last line end, 0 where there is none. */
function cutAfterLine(bytes: Uint8Array): number {
  const feed = bytes.lastIndexOf(LINE_FEED) + 1;
  // a return at the very end may be the first half of \r\n
  return feed > 0 ? feed : bytes.subarray(0, -1).lastIndexOf(CARRIAGE_RETURN) + 1;
}

/** Place of a cut: after the last line end, else after the last space, else before the last character. */
function cutAnywhere(bytes: Uint8Array): number {
  const line = cutAfterLine(bytes);
  if (line > 0) return line;
  const space = bytes.lastIndexOf(0x20);
  if (space >= 0) return space + 1;
  let cut = bytes.length - 1;
  // A character has at most three continuation bytes; more of them are an error that decoding will report.
  for (let back = 0; back < 3 && cut > 0 && isContinuation(bytes[cut] ?? 0); back++) cut--;
  return cut;
}

/** Line ends in `bytes`. */
export function countLineEnds(bytes: Uint8Array): number {
  const places = (byte: number, counts: (at: number) => boolean): number => {
    let count = 0;
    for (let at = bytes.indexOf(byte); at >= 0; at = bytes.indexOf(byte, at + 1)) {
      count += Number(counts(at));
    }
    return count;
  };
  return (
    places(LINE_FEED, () => true) + places(CARRIAGE_RETURN, (at) => bytes[at + 1] !== LINE_FEED)
  );
}

/** The lines of a part, each with its end. */
export function* linesOf({ bytes, offset, line }: BytePart): Generator<BytePart, void, undefined> {
  let [start, number] = [0, line];
  for (const [at, byte] of bytes.entries()) {
    const isEnd = byte === LINE_FEED || (byte === CARRIAGE_RETURN && bytes[at + 1] !== LINE_FEED);
    if (!isEnd && at + 1 < bytes.length) continue;
    yield { bytes: bytes.subarray(start, at + 1), offset: offset + start, line: number };
    start = at + 1;
    number++;
  }
}
