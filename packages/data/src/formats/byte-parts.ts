import { isContinuation } from "./utf8.js";
import type { DataFormat } from "./data-format.js";
import { openBytes } from "./byte-reader.js";

/** Consecutive bytes of a file. */
export interface BytePart {
  readonly bytes: Uint8Array;
  /** Place of the first byte in the (unpacked) file. */
  readonly offset: number;
  /** Line that the first byte is in, from 1. */
  readonly line: number;
}

const LINE_END = 0x0a;

/**
 * A file in parts of about `partBytes`, cut at line ends. Where a line is longer it is cut too, between words if possible;
 * with `wholeLines` it makes a longer part instead.
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
      const block = await reader.read(partBytes);
      const bytes = rest.length === 0 ? block : Buffer.concat([rest, block]);
      const atEnd = block.length < partBytes;
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

function cutAfterLine(bytes: Uint8Array): number {
  return bytes.lastIndexOf(LINE_END) + 1;
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
  let count = 0;
  for (let at = bytes.indexOf(LINE_END); at >= 0; at = bytes.indexOf(LINE_END, at + 1)) count++;
  return count;
}

/** The lines of a part, each with its end. */
export function* linesOf({ bytes, offset, line }: BytePart): Generator<BytePart, void, undefined> {
  for (let start = 0, number = line; start < bytes.length; number++) {
    const end = bytes.indexOf(LINE_END, start);
    const stop = end < 0 ? bytes.length : end + 1;
    yield { bytes: bytes.subarray(start, stop), offset: offset + start, line: number };
    start = stop;
  }
}
