import { DataError } from "../errors/data-error.js";

/** An encoding of text whose characters are units of several bytes. */
interface WideEncoding {
  /** iconv's name. */
  readonly name: string;
  readonly words: string;
  /** The byte order mark that may open a file. */
  readonly mark: readonly number[];
}

/** UTF-32 before UTF-16, whose little-endian marks begin alike. */
const WIDE: readonly WideEncoding[] = [
  { name: "utf-32le", words: "UTF-32 (little-endian)", mark: [0xff, 0xfe, 0, 0] },
  { name: "utf-32be", words: "UTF-32 (big-endian)", mark: [0, 0, 0xfe, 0xff] },
  { name: "utf-16le", words: "UTF-16 (little-endian)", mark: [0xff, 0xfe] },
  { name: "utf-16be", words: "UTF-16 (big-endian)", mark: [0xfe, 0xff] },
];

/** Bytes at the start of a file that its encoding is told by. */
const LOOKED_AT = 2 ** 16;

/**
 * Throws `data/not-utf8` for a file that is UTF-16 or UTF-32, by its byte order mark or by its zero bytes: text of that kind
 * without a mark may well be UTF-8 too, but makes no sense as such.
 */
export function checkEncoding(file: string, bytes: Uint8Array): void {
  const start = bytes.subarray(0, LOOKED_AT);
  const found =
    WIDE.find(({ mark }) => mark.every((byte, at) => start[at] === byte)) ?? unmarked(start);
  if (found === undefined) return;
  const { name, words } = found;
  throw new DataError(
    "data/not-utf8",
    `${file} is ${words}, and text is read as UTF-8. Convert it with iconv -f ${name} -t utf-8, or save it as UTF-8.`,
    { file, expected: "UTF-8", actual: words },
  );
}

function unmarked(bytes: Uint8Array): WideEncoding | undefined {
  const name = isUtf32(bytes, 3) ? "utf-32le" : isUtf32(bytes, 0) ? "utf-32be" : utf16Name(bytes);
  return WIDE.find((one) => one.name === name);
}

/** Units that tell UTF-32, at least. */
const FEWEST_UNITS = 2;

/**
 * Whether all units of four bytes are code points.
 *
 * @param zero place in a unit of the byte that is always zero
 */
function isUtf32(bytes: Uint8Array, zero: 0 | 3): boolean {
  const units = Math.floor(bytes.length / 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 4 * units);
  for (let unit = 0; unit < units; unit++) {
    const point = view.getUint32(4 * unit, zero === 3);
    if (point === 0 || point > 0x10_ff_ff) return false;
  }
  return units >= FEWEST_UNITS;
}

/** Characters of the first 256, blanks and line ends among them, have one zero byte: in every hundred bytes one, at least. */
const ZERO_SHARE = 0.01;

/** How many times more of them stand where those characters have them than where others do. */
const ZERO_RATIO = 2;

function utf16Name(bytes: Uint8Array): string | undefined {
  let [even, odd] = [0, 0];
  for (let at = bytes.indexOf(0); at >= 0; at = bytes.indexOf(0, at + 1)) {
    if (at % 2 === 0) even++;
    else odd++;
  }
  const all = even + odd;
  if (all < FEWEST_UNITS || all < ZERO_SHARE * bytes.length) return undefined;
  const name =
    odd >= ZERO_RATIO * even ? "utf-16le" : even >= ZERO_RATIO * odd ? "utf-16be" : undefined;
  return name !== undefined && isUtf16(bytes, name) ? name : undefined;
}

function isUtf16(bytes: Uint8Array, name: string): boolean {
  try {
    // a pair may be cut at the end
    const text = new TextDecoder(name, { fatal: true }).decode(bytes, { stream: true });
    return !text.includes("\0");
  } catch {
    return false;
  }
}
