import { DataError } from "../errors/data-error.js";
import { decodeUtf8 } from "./decode-utf8.js";
import { firstInvalidByte } from "./utf8.js";
import { type BytePart, countLineEnds } from "./byte-parts.js";

/**
 * The text of a part without the byte order mark that may open its file, with every line end as `\n`, or `undefined` where it
 * is not UTF-8: as Python reads a file in text mode.
 */
export function decodePart({ bytes, offset }: BytePart): string | undefined {
  const text = decodeUtf8(bytes);
  if (text === undefined) return undefined;
  const own = offset === 0 ? withoutMark(text) : text;
  return own.includes("\r") ? own.replaceAll(/\r\n?/g, "\n") : own;
}

/** A text without the byte order mark that may open it. */
export function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

/** Error about a part that {@link decodePart} cannot decode. */
export function notUtf8(file: string, { bytes, offset, line }: BytePart): DataError {
  const bad = Math.max(firstInvalidByte(bytes), 0);
  const value = (bytes[bad] ?? 0).toString(16).padStart(2, "0");
  const place = line + countLineEnds(bytes.subarray(0, bad));
  return new DataError(
    "data/not-utf8",
    `${file} is not UTF-8 in line ${place}: the bytes from offset ${offset + bad} (0x${value}) are not a character; ` +
      `convert it, e.g. with iconv -f latin1 -t utf-8, or leave it out.`,
    { file, expected: "UTF-8", actual: `byte 0x${value} at offset ${offset + bad}, line ${place}` },
  );
}
