import { OperatorError } from "../errors/operator-error.js";
import { parseJson } from "../json/index.js";
import type { RowGrowth, RowStart } from "../plan/row-growth.js";
import type { Matrix } from "./operator.js";

/** What an operator file says of new rows of one space. */
export interface StoredRows extends Pick<RowGrowth, "start" | "drawn" | "places" | "pieces"> {
  /** Rows before and after. */
  readonly from: number;
  readonly to: number;
}

/** The metadata entry that tells how rows start, as JSON by space. */
export const ROWS_ENTRY = "rows";

const placesName = (space: string): string => `rows.${space}`;
const piecesName = (space: string): string => `pieces.${space}`;

/** Whether a tensor of an operator file is about rows: `rows.<space>` [new, 1], `pieces.<space>` [pieces, 2] of new and old row. */
export const isRowTensor = (name: string): boolean => /^(?:rows|pieces)\./u.test(name);

/** Metadata and tensors of an operator file about rows; empty where none grow. */
export function encodeRows(growths: readonly RowGrowth[]): {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, Matrix>;
} {
  if (growths.length === 0) return { metadata: {}, tensors: new Map() };
  const entries = growths.map(({ drawn, now, old, space, start }) => [
    space,
    { from: old.size, to: now.size, start, ...drawn },
  ]);
  const tensors = new Map<string, Matrix>();
  for (const { pieces, places, space } of growths) {
    if (places !== undefined) tensors.set(placesName(space), columns(1, Array.from(places)));
    if (pieces === undefined) continue;
    const pairs = [...pieces].flatMap(([row, parts]) => parts.flatMap((part) => [row, part]));
    tensors.set(piecesName(space), columns(2, pairs));
  }
  return { metadata: { [ROWS_ENTRY]: JSON.stringify(Object.fromEntries(entries)) }, tensors };
}

/** Ids of tokens, as float32: below 2^24 these are exact. */
function columns(count: number, numbers: readonly number[]): Matrix {
  return { rows: numbers.length / count, columns: count, data: Float32Array.from(numbers) };
}

/** What an operator file says of new rows, by space. Throws an {@link OperatorError} `operator/metadata`. */
export function decodeRows(
  metadata: Readonly<Record<string, string>>,
  tensors: ReadonlyMap<string, Float32Array>,
): ReadonlyMap<string, StoredRows> {
  const { [ROWS_ENTRY]: text } = metadata;
  if (text === undefined) return new Map();
  const entries = entriesOf(text);
  return new Map(
    Object.entries(entries).map(([space, { deviation, from, seed, start, to }]) => {
      const places = tensors.get(placesName(space));
      const pairs = tensors.get(piecesName(space));
      return [
        space,
        {
          from,
          to,
          start,
          ...(seed === undefined || deviation === undefined ? {} : { drawn: { seed, deviation } }),
          ...(places === undefined ? {} : { places: Int32Array.from(places) }),
          ...(pairs === undefined ? {} : { pieces: piecesOf(pairs) }),
        },
      ];
    }),
  );
}

function piecesOf(pairs: Float32Array): ReadonlyMap<number, readonly number[]> {
  const pieces = new Map<number, number[]>();
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    const row = pairs[at] as number;
    const parts = pieces.get(row) ?? [];
    parts.push(pairs[at + 1] as number);
    pieces.set(row, parts);
  }
  return pieces;
}

interface Entry {
  readonly from: number;
  readonly to: number;
  readonly start: RowStart;
  readonly seed?: number;
  readonly deviation?: number;
}

const STARTS: readonly unknown[] = ["moments", "random", "pieces", "copy", "interpolate"];

function entriesOf(text: string): Readonly<Record<string, Entry>> {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    throw wrongRows(text);
  }
  if (!isObject(value) || !Object.values(value).every(isEntry)) throw wrongRows(text);
  return value as Readonly<Record<string, Entry>>;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isSize = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;

function isEntry(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { deviation, from, seed, start, to } = value;
  const isDrawn = Number.isSafeInteger(seed) && Number.isFinite(deviation);
  return (
    isSize(from) &&
    isSize(to) &&
    STARTS.includes(start) &&
    (isDrawn || (seed === undefined && deviation === undefined))
  );
}

function wrongRows(actual: string): OperatorError {
  const expected = "an object that says from, to and start of every space";
  return new OperatorError(
    "operator/metadata",
    `The operator file's metadata entry "${ROWS_ENTRY}" is ${actual.slice(0, 80)}, expected ${expected}.`,
    { expected, actual },
  );
}
