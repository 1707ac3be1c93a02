import type { DecodedArray } from "hyparquet";
import { assembleNested } from "hyparquet/src/assemble.js";
import { decodeUtf8 } from "../formats/decode-utf8.js";
import type { ByteSource } from "./byte-source.js";
import { columnRows, PARSERS } from "./column-reader.js";
import type { Footer, Leaf } from "./parquet-footer.js";

/** Most rows of a batch, and bytes after which it ends. */
const BATCH_ROWS = 8192;
const BATCH_BYTES = 2 ** 20;

/** Cells of consecutive rows, by column. */
export type Cells = readonly (readonly unknown[])[];

/** A stored column, and how far it has been read. */
interface Reading {
  readonly leaf: Leaf;
  readonly parts: Generator<DecodedArray, void, undefined>;
  part: DecodedArray;
  at: number;
}

/**
 * The rows of a row group in batches: no more of a column is in memory than a page of it and its dictionary, but for lists.
 * Throws an `Error` where a column has more rows or fewer than the footer says.
 *
 * @param text whether bytes that are UTF-8 come as strings
 */
export function* rowBatches(
  source: ByteSource,
  { groups, leaves, schema }: Footer,
  group: number,
  columns: readonly string[],
  text: boolean,
): Generator<Cells, void, undefined> {
  const { chunks = [], rows = 0 } = groups[group] ?? {};
  const tops = columns.map((name) => {
    const found = schema.children.filter(({ element }) => element.name === name);
    const [top] = found;
    if (top === undefined || found.length > 1) {
      throw new Error(`it has ${found.length} columns called ${JSON.stringify(name)}`);
    }
    const own = leaves.filter(({ names }) => names[0] === name);
    const readings = own.map((leaf): Reading => {
      const chunk = chunks[leaf.index];
      if (chunk === undefined)
        throw new Error(`column ${leaf.names.join(".")} is not in the group`);
      return { leaf, parts: columnRows(source, leaf, chunk, rows), part: [], at: 0 };
    });
    return { top, readings };
  });
  const all = tops.flatMap(({ readings }) => readings);
  const finish = text ? textOf : copied;
  for (let row = 0; row < rows;) {
    const count = Math.min(...all.map((reading) => available(reading, rows - row)));
    yield tops.map(({ readings, top }) => {
      const values = readings.map((reading) => take(reading, count));
      const [first] = values;
      if (top.children.length === 0) return (first ?? []).map((value) => finish(checked(value)));
      const named = readings.map(({ leaf }, index): [string, unknown[]] => [
        leaf.names.join("."),
        values[index] ?? [],
      ]);
      const parts = new Map<string, DecodedArray>(named);
      assembleNested(parts, top, PARSERS);
      const assembled = parts.get(top.element.name) as readonly unknown[] | undefined;
      if (assembled?.length !== count) throw new Error(`column ${top.element.name} loses rows`);
      return assembled.map(finish);
    });
    row += count;
  }
  for (const reading of all) {
    if (reading.at < reading.part.length || reading.parts.next().done !== true) {
      throw new Error(`column ${reading.leaf.names.join(".")} has more than ${rows} rows`);
    }
  }
}

/** Rows that a batch takes of a column: those of the page it is at, as many as make the bytes of a batch. */
function available(reading: Reading, most: number): number {
  while (reading.at >= reading.part.length) {
    const next = reading.parts.next();
    if (next.done === true) {
      throw new Error(`column ${reading.leaf.names.join(".")} lacks ${most} rows`);
    }
    reading.part = next.value;
    reading.at = 0;
  }
  const { at, part } = reading;
  const end = Math.min(part.length, at + most, at + BATCH_ROWS);
  let bytes = 0;
  for (let index = at; index < end; index++) {
    bytes += sizeOf(part[index]);
    if (bytes >= BATCH_BYTES) return index + 1 - at;
  }
  return end - at;
}

function take(reading: Reading, count: number): unknown[] {
  const { at, part } = reading;
  reading.at += count;
  return Array.from(part.slice(at, at + count) as ArrayLike<unknown>);
}

function sizeOf(value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  if (Array.isArray(value)) return value.reduce<number>((sum, inner) => sum + sizeOf(inner), 0);
  return 0;
}

/** A column that says of no value that it is null has one for every row. */
function checked(value: unknown): unknown {
  if (value === undefined) throw new Error("a value is missing");
  return value;
}

function textOf(value: unknown): unknown {
  return mapped(value, (bytes) => decodeUtf8(bytes) ?? bytes.slice());
}

/** Bytes with buffers of their own, which can be handed on. */
function copied(value: unknown): unknown {
  return mapped(value, (bytes) => bytes.slice());
}

function mapped(value: unknown, change: (bytes: Uint8Array) => unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return change(value);
  if (Array.isArray(value)) return value.map((inner) => mapped(inner, change));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, mapped(inner, change)]),
  );
}
