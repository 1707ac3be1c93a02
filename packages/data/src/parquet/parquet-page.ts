import type { DecodedArray, Encoding, PageHeader, ParquetType } from "hyparquet";
import { convertWithDictionary } from "hyparquet/src/convert.js";
import { readDataPage, readDataPageV2 } from "hyparquet/src/datapage.js";
import { readPlain } from "hyparquet/src/plain.js";
import { unpackPage } from "./parquet-codecs.js";
import type { Levels } from "./parquet-footer.js";
import { wholeNumber } from "./whole-number.js";

/** What decoding a page needs to know of its column. */
export type ColumnDecoder = Parameters<typeof readDataPage>[2];

/** The values of a data page, with the levels that say which rows and lists they belong to. */
export interface PageValues {
  /** Values that are there, nulls left out. */
  readonly values: DecodedArray;
  /** One for each value or null; undefined where nothing is null. */
  readonly definitions: number[] | undefined;
  /** One for each value or null; empty where a row holds one value at most. */
  readonly repetitions: number[];
  /** Values and nulls. */
  readonly count: number;
}

const DICTIONARY: readonly (Encoding | undefined)[] = ["PLAIN_DICTIONARY", "RLE_DICTIONARY"];
const INTEGERS: readonly ParquetType[] = ["INT32", "INT64"];
const BYTES: readonly ParquetType[] = ["BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"];

/** Types that have an encoding; all where none are named. */
const TYPES_OF: Readonly<Partial<Record<Encoding, readonly ParquetType[]>>> = {
  RLE: ["BOOLEAN"],
  DELTA_BINARY_PACKED: INTEGERS,
  DELTA_LENGTH_BYTE_ARRAY: ["BYTE_ARRAY"],
  DELTA_BYTE_ARRAY: BYTES,
  BYTE_STREAM_SPLIT: [...INTEGERS, "FLOAT", "DOUBLE", "FIXED_LEN_BYTE_ARRAY"],
};

/** Values of a dictionary page. Throws an `Error`. */
export function decodeDictionary(
  header: PageHeader,
  packed: Uint8Array,
  { codec, element, type }: ColumnDecoder,
): DecodedArray {
  const { dictionary_page_header: facts } = header;
  if (facts === undefined) throw new Error("a dictionary page has no header of its own");
  const count = wholeNumber(facts.num_values, "the values of a dictionary");
  if (facts.encoding !== "PLAIN" && facts.encoding !== "PLAIN_DICTIONARY") {
    throw new Error(`a dictionary encoded as ${facts.encoding ?? "unknown"} cannot be read`);
  }
  const page = unpackPage(packed, header.uncompressed_page_size, codec);
  if (count > 8 * page.length)
    throw new Error(`a dictionary of ${page.length} bytes has ${count} values`);
  return readPlain(
    { view: new DataView(page.buffer), offset: 0 },
    type,
    count,
    element.type_length,
  );
}

/**
 * Values of a data page, of which there are as many as its header says and its levels tell; no index leads out of the
 * dictionary. Throws an `Error`.
 *
 * @param most values that the column chunk still has to give
 */
export function decodeData(
  header: PageHeader,
  packed: Uint8Array,
  decoder: ColumnDecoder,
  dictionary: DecodedArray | undefined,
  levels: Levels,
  most: number,
): PageValues {
  const { data_page_header: one, data_page_header_v2: two } = header;
  const facts = header.type === "DATA_PAGE" ? one : two;
  if (facts === undefined) throw new Error("a data page has no header of its own");
  const count = wholeNumber(facts.num_values, "the values of a page");
  if (count > most) throw new Error(`a page of ${count} values follows where ${most} are left`);
  checkEncoding(facts.encoding, decoder.type, dictionary !== undefined);
  const decoded =
    header.type === "DATA_PAGE"
      ? decodeFirst(header, packed, decoder, levels)
      : decodeSecond(header, packed, decoder);
  const { dataPage, definitionLevels = [], repetitionLevels } = decoded;
  const present = presentValues(definitionLevels, levels.definition, count);
  checkLevels(repetitionLevels, levels.repetition, levels.repetition > 0 ? count : 0);
  if (dataPage.length !== present) {
    throw new Error(`a page has ${dataPage.length} values where its levels tell of ${present}`);
  }
  if (two !== undefined && header.type === "DATA_PAGE_V2") {
    const rows = wholeNumber(two.num_rows, "the rows of a page");
    if (levels.repetition === 0 && rows !== count) {
      throw new Error(`a page has ${count} values, its header says ${rows} rows`);
    }
  }
  if (two !== undefined && header.type === "DATA_PAGE_V2" && two.num_nulls !== count - present) {
    throw new Error(`a page has ${count - present} nulls, its header says ${two.num_nulls}`);
  }
  if (DICTIONARY.includes(facts.encoding)) checkIndices(dataPage, dictionary?.length ?? 0);
  return {
    values: convertWithDictionary(dataPage, dictionary, facts.encoding, decoder),
    definitions: present === count ? undefined : definitionLevels,
    repetitions: repetitionLevels,
    count,
  };
}

type Decoded = ReturnType<typeof readDataPage>;

function decodeFirst(
  header: PageHeader,
  packed: Uint8Array,
  decoder: ColumnDecoder,
  levels: Levels,
): Decoded {
  const { data_page_header: facts } = header;
  if (facts === undefined) throw new Error("a data page has no header of its own");
  const kinds = [
    ...(levels.definition > 0 ? [facts.definition_level_encoding] : []),
    ...(levels.repetition > 0 ? [facts.repetition_level_encoding] : []),
  ];
  for (const kind of kinds) {
    if (kind !== "RLE") throw new Error(`levels encoded as ${kind ?? "unknown"} cannot be read`);
  }
  const page = unpackPage(packed, header.uncompressed_page_size, decoder.codec);
  const view = new DataView(page.buffer);
  let at = 0;
  for (const _ of kinds) {
    at += 4 + view.getUint32(at, true);
    if (at > page.length) throw new Error("the levels of a page end beyond it");
  }
  return readDataPage(page, facts, decoder);
}

/** Levels lie unpacked before the values: both are put together unpacked. */
function decodeSecond(header: PageHeader, packed: Uint8Array, decoder: ColumnDecoder): Decoded {
  const { data_page_header_v2: facts } = header;
  if (facts === undefined) throw new Error("a data page has no header of its own");
  const levelBytes =
    wholeNumber(facts.repetition_levels_byte_length, "the levels of a page") +
    wholeNumber(facts.definition_levels_byte_length, "the levels of a page");
  if (levelBytes > packed.length) throw new Error("a page ends among its levels");
  const size = wholeNumber(header.uncompressed_page_size - levelBytes, "the size of a page");
  const codec = facts.is_compressed === false ? "UNCOMPRESSED" : decoder.codec;
  const values = unpackPage(packed.subarray(levelBytes), size, codec);
  const page = new Uint8Array(levelBytes + size);
  page.set(packed.subarray(0, levelBytes));
  page.set(values, levelBytes);
  const unpacked = { ...header, data_page_header_v2: { ...facts, is_compressed: false } };
  return readDataPageV2(page, unpacked, decoder);
}

function checkEncoding(
  encoding: Encoding | undefined,
  type: ParquetType,
  hasDictionary: boolean,
): void {
  if (DICTIONARY.includes(encoding)) {
    if (!hasDictionary) throw new Error("a page refers to a dictionary that is not there");
    if (type === "BOOLEAN") throw new Error("truth values cannot have a dictionary");
    return;
  }
  const types = encoding === undefined ? [] : TYPES_OF[encoding];
  if (encoding !== "PLAIN" && types?.includes(type) !== true) {
    throw new Error(`values of type ${type} cannot be encoded as ${encoding ?? "unknown"}`);
  }
}

/** Values that are not null. hyparquet gives no levels where none are. */
function presentValues(definitions: readonly number[], highest: number, count: number): number {
  if (definitions.length === 0) return count;
  checkLevels(definitions, highest, count);
  let present = 0;
  for (const level of definitions) if (level === highest) present++;
  return present;
}

function checkLevels(levels: readonly number[], highest: number, count: number): void {
  if (levels.length !== count) {
    throw new Error(`a page has ${levels.length} levels for ${count} values`);
  }
  for (const level of levels) {
    if (!(level >= 0 && level <= highest)) {
      throw new Error(`a page has the level ${level}, its column ends at ${highest}`);
    }
  }
}

function checkIndices(indices: ArrayLike<unknown>, size: number): void {
  for (let at = 0; at < indices.length; at++) {
    const index = indices[at] as number;
    if (!(index >= 0 && index < size)) {
      throw new Error(`a page refers to value ${index} of a dictionary of ${size}`);
    }
  }
}
