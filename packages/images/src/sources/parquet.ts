import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { createBoundedCache } from "@ligo/core/stream";
import * as z from "@ligo/core/zod";
import {
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
} from "hyparquet";
import { decodeImage } from "../decode-image.js";
import { ImageError } from "../image-error.js";
import type { ImageSource } from "./source.js";

/** Which columns hold what. */
export interface ParquetColumns {
  /** Column of encoded images: bytes, or a struct with a field `bytes`. Default: `image` or `img`. */
  readonly image?: string;
  /** Column of integer labels. Default: `label` or `labels`. */
  readonly label?: string;
}

/** Encoded images are kept in memory up to this many bytes; row groups beyond are read again when needed. */
const ENCODED_BYTES = 2 ** 29;

/** hyparquet itself unpacks snappy. */
const compressors: Compressors = {
  GZIP: (bytes) => new Uint8Array(gunzipSync(bytes)),
  BROTLI: (bytes) => new Uint8Array(brotliDecompressSync(bytes)),
};

interface Table {
  readonly path: string;
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly imageColumn: string;
  readonly labels: readonly number[];
  readonly names: readonly string[] | undefined;
}

/**
 * Images in parquet files as Hugging Face data sets hold them: a column of encoded images and a column of integer labels.
 * Class names are taken from the metadata Hugging Face writes, else the labels are their own names.
 *
 * @throws ImageError `images/bad-parquet`, `images/missing-column`, `images/bad-label`; later `images/missing-image` and
 * `images/corrupt-image`, which name file and row
 */
export async function parquetSource(
  paths: readonly string[],
  columns: ParquetColumns = {},
): Promise<ImageSource> {
  const tables: Table[] = [];
  for (const path of paths) tables.push(await openTable(path, columns));
  const labels = tables.flatMap((table) => table.labels);
  const names = tables.find((table) => table.names)?.names;
  const largest = labels.reduce((most, label) => Math.max(most, label), -1);
  for (const table of tables) checkLabels(table, names);
  const rows = tables.flatMap((table) => table.labels.map((_, row) => ({ table, row })));
  const encoded = encodedImages();
  const nameOf = (index: number): string =>
    `${rows[index]?.table.path ?? ""} row ${rows[index]?.row ?? ""}`;
  return {
    classes: names ?? Array.from({ length: largest + 1 }, (_, label) => String(label)),
    numbered: names === undefined,
    labels,
    nameOf,
    async pixels(index) {
      const { table, row } = rows[index] as { table: Table; row: number };
      return decodeImage(await encoded(table, row), nameOf(index));
    },
  };
}

async function openTable(path: string, columns: ParquetColumns): Promise<Table> {
  try {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    const held = parquetSchema(metadata).children.map(({ element }) => element.name);
    const imageColumn = findColumn(path, held, "image", columns.image, ["image", "img"]);
    const labelColumn = findColumn(path, held, "label", columns.label, ["label", "labels"]);
    const rows = await parquetReadObjects({ file, metadata, columns: [labelColumn], compressors });
    const labels = rows.map((row, index) => readLabel(path, index, row[labelColumn]));
    return { path, file, metadata, imageColumn, labels, names: classNames(metadata, labelColumn) };
  } catch (cause) {
    throw badParquet(path, cause);
  }
}

function findColumn(
  path: string,
  held: readonly string[],
  what: keyof ParquetColumns,
  wanted: string | undefined,
  usual: readonly string[],
): string {
  const names = wanted === undefined ? usual : [wanted];
  const found = names.find((name) => held.includes(name));
  if (found !== undefined) return found;
  throw new ImageError(
    "images/missing-column",
    `${path} has no column ${names.map((name) => `"${name}"`).join(" or ")} for the ${what}; it has ${held.join(", ")}.`,
    { file: path, expected: names.join(" or "), actual: held.join(", ") },
  );
}

function readLabel(path: string, row: number, value: unknown): number {
  const label = typeof value === "bigint" ? Number(value) : value;
  if (typeof label === "number" && Number.isSafeInteger(label) && label >= 0) return label;
  throw badLabel(path, row, String(value), "an integer of at least 0");
}

function checkLabels({ labels, path }: Table, names: readonly string[] | undefined): void {
  if (!names) return;
  const row = labels.findIndex((label) => label >= names.length);
  if (row >= 0) throw badLabel(path, row, String(labels[row]), `0 to ${names.length - 1}`);
}

function badLabel(path: string, row: number, actual: string, expected: string): ImageError {
  return new ImageError(
    "images/bad-label",
    `${path}: row ${row} has the label ${actual}; expected ${expected}.`,
    {
      file: path,
      expected,
      actual,
    },
  );
}

const features = z.object({
  info: z.object({
    features: z.record(z.string(), z.looseObject({ names: z.array(z.string()).optional() })),
  }),
});

/** The class names Hugging Face's `datasets` leaves in a file's metadata. */
function classNames(metadata: FileMetaData, column: string): readonly string[] | undefined {
  const text = metadata.key_value_metadata?.find(({ key }) => key === "huggingface")?.value;
  if (text === undefined) return undefined;
  try {
    return features.parse(JSON.parse(text)).info.features[column]?.names;
  } catch {
    // another program's metadata: the labels are read without it
    return undefined;
  }
}

/** Reads encoded images by row group, keeping the groups last used. */
function encodedImages(): (table: Table, row: number) => Promise<Uint8Array> {
  const groups = createBoundedCache<string, Promise<readonly unknown[]>>({
    limit: ENCODED_BYTES,
    eviction: "least-recent",
  });
  const load = (
    key: string,
    ...range: Parameters<typeof readRows>
  ): Promise<readonly unknown[]> => {
    const loading = readRows(...range);
    // The weight is known when the rows are there; until then readers share the promise.
    loading.then(
      (rows) => groups.set(key, loading, encodedBytes(rows)),
      () => groups.delete(key),
    );
    return groups.set(key, loading, 0);
  };
  return async (table, row) => {
    let start = 0;
    let size = 0;
    for (const group of table.metadata.row_groups) {
      size = Number(group.num_rows);
      if (row < start + size) break;
      start += size;
    }
    const key = `${start} ${table.path}`;
    const rows = await (groups.get(key) ?? load(key, table, start, start + size));
    const bytes = bytesOf(rows[row - start]);
    if (bytes) return bytes;
    throw new ImageError(
      "images/missing-image",
      `${table.path}: row ${row} has no bytes in the column "${table.imageColumn}". Only images inside the file are read, not paths to others.`,
      { file: table.path, expected: "encoded bytes", actual: "none" },
    );
  };
}

function encodedBytes(rows: readonly unknown[]): number {
  return rows.reduce<number>((sum, row) => sum + (bytesOf(row)?.length ?? 0), 0);
}

async function readRows(
  table: Table,
  rowStart: number,
  rowEnd: number,
): Promise<readonly unknown[]> {
  const { file, imageColumn, metadata, path } = table;
  const columns = [imageColumn];
  return parquetReadObjects({
    file,
    metadata,
    columns,
    rowStart,
    rowEnd,
    utf8: false,
    compressors,
  }).then(
    (rows) => rows.map((row) => row[imageColumn] as unknown),
    (cause: unknown) => {
      throw badParquet(path, cause);
    },
  );
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (typeof value !== "object" || value === null) return undefined;
  return "bytes" in value && value.bytes instanceof Uint8Array ? value.bytes : undefined;
}

function badParquet(path: string, cause: unknown): ImageError {
  if (cause instanceof ImageError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ImageError(
    "images/bad-parquet",
    `${path} cannot be read as parquet: ${reason}. Copy it again, or write it with snappy, gzip, brotli or no compression.`,
    { file: path, expected: "a parquet file", actual: reason, cause },
  );
}
