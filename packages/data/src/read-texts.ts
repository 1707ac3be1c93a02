import { type FileHandle, open } from "node:fs/promises";
import { DataError } from "./data-error.js";
import { findTextFiles, type FindTextOptions } from "./find-text-files.js";
import { firstInvalidByte, isContinuation } from "./utf8.js";

/** A text and the file it comes from. */
export interface TextPart {
  readonly file: string;
  readonly text: string;
}

/** Options of {@link readTexts}. */
export interface ReadTextOptions extends FindTextOptions {
  /** Size in bytes above which a file comes as several texts; 1 MiB unless told otherwise. */
  readonly partBytes?: number;
}

/**
 * Reads the texts that `patterns` name (see {@link findTextFiles}), in order. A large file comes as several texts, cut at
 * line ends, so that memory stays small; their concatenation is the file. A byte order mark is dropped.
 *
 * @throws DataError `data/no-match`, `data/unreadable`, `data/not-utf8` (with the byte offset), and `data/empty` at the
 * end if all files together hold nothing but white space.
 */
export async function* readTexts(
  patterns: readonly string[],
  options: ReadTextOptions = {},
): AsyncGenerator<TextPart, void, undefined> {
  const files = await findTextFiles(patterns, options);
  let empty = true;
  for (const file of files) {
    for await (const text of readParts(file, options.partBytes ?? 2 ** 20)) {
      if (/\S/.test(text)) empty = false;
      yield { file, text };
    }
  }
  if (empty) {
    throw new DataError(
      "data/empty",
      `There is no text in ${patterns.map((one) => `"${one}"`).join(", ")} (${files.length} ` +
        `file${files.length === 1 ? "" : "s"} read); name files that hold text.`,
      { file: files[0] },
    );
  }
}

async function* readParts(file: string, partBytes: number): AsyncGenerator<string> {
  const unreadable = (cause: unknown): never => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataError("data/unreadable", `${file} cannot be read: ${reason}.`, { file, cause });
  };
  const handle = await open(file, "r").catch(unreadable);
  try {
    let offset = 0;
    let rest: Uint8Array = new Uint8Array(0);
    for (;;) {
      const block = await readBlock(handle, partBytes).catch(unreadable);
      const bytes = rest.length === 0 ? block : Buffer.concat([rest, block]);
      const cut = block.length < partBytes ? bytes.length : cutAt(bytes);
      if (cut > 0) yield decode(bytes.subarray(0, cut), offset, file);
      if (block.length < partBytes) return;
      rest = bytes.subarray(cut);
      offset += cut;
    }
  } finally {
    await handle.close();
  }
}

/** The next `size` bytes, fewer only at the end of the file. */
async function readBlock(handle: FileHandle, size: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await handle.read(buffer, filled, size - filled, null);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** Where to cut: after the last line end, else after the last space, else before the last character. */
function cutAt(bytes: Uint8Array): number {
  const line = bytes.lastIndexOf(0x0a);
  if (line >= 0) return line + 1;
  const space = bytes.lastIndexOf(0x20);
  if (space >= 0) return space + 1;
  let cut = bytes.length - 1;
  // A character has at most three continuation bytes; more of them are an error that decoding will report.
  for (let back = 0; back < 3 && cut > 0 && isContinuation(bytes[cut] ?? 0); back++) cut--;
  return cut;
}

function decode(bytes: Uint8Array, offset: number, file: string): string {
  try {
    // `ignoreBOM: true` keeps the mark; only the one that opens the file is dropped.
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return offset === 0 && text.startsWith("\uFEFF") ? text.slice(1) : text;
  } catch (cause) {
    const bad = firstInvalidByte(bytes);
    const at = offset + Math.max(bad, 0);
    const value = (bytes[Math.max(bad, 0)] ?? 0).toString(16).padStart(2, "0");
    throw new DataError(
      "data/not-utf8",
      `${file} is not UTF-8: the bytes from offset ${at} (0x${value}) are not a character; convert it, e.g. with ` +
        `iconv -f latin1 -t utf-8, or leave it out.`,
      { file, expected: "UTF-8", actual: `byte 0x${value} at offset ${at}`, cause },
    );
  }
}
