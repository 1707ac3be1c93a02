import type { DecodedArray, PageHeader } from "hyparquet";
import { assembleLists } from "hyparquet/src/assemble.js";
import { parquetHeader } from "hyparquet/src/column.js";
import { convert, DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import type { ByteSource } from "./byte-source.js";
import type { Chunk, Leaf } from "./parquet-footer.js";
import {
  decodeData,
  decodeDictionary,
  type ColumnDecoder,
  type PageValues,
} from "./parquet-page.js";
import { deserializeTCompactProtocol } from "hyparquet/src/thrift.js";
import { checkShape, PAGE } from "./thrift-shapes.js";
import { wholeNumber } from "./whole-number.js";

/** Bytes that are looked at for a page header first, and at most: statistics may make it long. */
const HEADER_BYTES = 2 ** 12;
const LONGEST_HEADER = 2 ** 24;

/** Bytes stay bytes, so that what is not UTF-8 is noticed. */
export const PARSERS: typeof DEFAULT_PARSERS = {
  ...DEFAULT_PARSERS,
  stringFromBytes: (bytes) => bytes,
};

/**
 * Rows of one stored column of a row group, in the parts that its pages are: the values as they are where a row has one at most,
 * nested lists else. A column whose rows may hold several values is one part, as a row may begin on one page and end on
 * another. Throws an `Error` where they are more or fewer than `rows`.
 */
export function* columnRows(
  source: ByteSource,
  leaf: Leaf,
  chunk: Chunk,
  rows: number,
): Generator<DecodedArray, void, undefined> {
  const schemaPath = [...leaf.path];
  const isRepeated = leaf.levels.repetition > 0;
  const all: unknown[] = [];
  let begun = 0;
  for (const page of pages(source, leaf, chunk)) {
    const { definitions, repetitions, values } = page;
    if (isRepeated) {
      if (begun === 0 && repetitions[0] !== 0) {
        throw new Error("a list goes on before it begins");
      }
      for (const level of repetitions) if (level === 0) begun++;
      assembleLists(all, definitions, repetitions, values, schemaPath);
    } else {
      yield assembleLists([], definitions, repetitions, values, schemaPath);
    }
  }
  if (!isRepeated) return;
  if (all.length !== rows || begun !== rows) {
    throw new Error(`column ${leaf.names.join(".")} holds ${begun} of ${rows} rows`);
  }
  yield all;
}

/** The data pages of a column chunk, which together have as many values as the footer says. */
function* pages(
  source: ByteSource,
  leaf: Leaf,
  chunk: Chunk,
): Generator<PageValues, void, undefined> {
  const decoder = decoderOf(leaf, chunk);
  let dictionary: DecodedArray | undefined;
  let at = chunk.start;
  for (let left = chunk.values; left > 0;) {
    const { header, length } = readHeader(source, at, chunk.end);
    const packedSize = wholeNumber(header.compressed_page_size, "the size of a page");
    wholeNumber(header.uncompressed_page_size, "the size of a page");
    if (at + length + packedSize > chunk.end) throw new Error("a page ends beyond its column");
    const packed = source.read(at + length, packedSize);
    at += length + packedSize;
    if (header.type === "INDEX_PAGE") continue;
    if (header.type === "DICTIONARY_PAGE") {
      if (dictionary !== undefined) throw new Error("a column has two dictionaries");
      dictionary = convert(decodeDictionary(header, packed, decoder), decoder);
      continue;
    }
    if (header.type !== "DATA_PAGE" && header.type !== "DATA_PAGE_V2") {
      throw new Error("a page is of no kind that is known");
    }
    const page = decodeData(header, packed, decoder, dictionary, leaf.levels, left);
    left -= page.count;
    if (page.count > 0) yield page;
  }
}

function decoderOf({ names, path }: Leaf, { codec }: Chunk): ColumnDecoder {
  const element = path.at(-1)?.element;
  if (element?.type === undefined) throw new Error(`column ${names.join(".")} has no type`);
  return {
    pathInSchema: [...names],
    type: element.type,
    element,
    schemaPath: [...path],
    codec,
    parsers: PARSERS,
    utf8: false,
  };
}

function readHeader(
  source: ByteSource,
  at: number,
  end: number,
): { readonly header: PageHeader; readonly length: number } {
  if (at >= end) throw new Error("a column ends before its last value");
  for (let size = HEADER_BYTES; ; size *= 16) {
    const bytes = source.read(at, Math.min(size, end - at));
    const reader = { view: new DataView(bytes.buffer), offset: 0 };
    try {
      checkShape(deserializeTCompactProtocol(reader), PAGE, "page");
      reader.offset = 0;
      const header = parquetHeader(reader);
      return { header, length: reader.offset };
    } catch (error) {
      if (bytes.length === end - at || size >= LONGEST_HEADER) throw error;
    }
  }
}
