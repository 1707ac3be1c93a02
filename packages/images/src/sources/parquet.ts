import { createBoundedCache } from "@ligo/core/stream";
import * as z from "@ligo/core/zod";
import { openParquet, type ParquetFile, type WorkerFailure } from "@ligo/data/parquet";
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

interface Table {
  readonly path: string;
  readonly file: ParquetFile;
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
  const file = await openParquet(path, (failure) => badParquet(path, failure));
  const imageColumn = findColumn(path, file.columns, "image", columns.image, ["image", "img"]);
  const labelColumn = findColumn(path, file.columns, "label", columns.label, ["label", "labels"]);
  const labels: number[] = [];
  for await (const { rows } of file.read({ columns: [labelColumn], text: true })) {
    for (const [label] of rows) labels.push(readLabel(path, labels.length, label));
  }
  return { path, file, imageColumn, labels, names: classNames(file.properties, labelColumn) };
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

/** Labels up to here are classes; larger numbers are of something else. */
const LARGEST_LABEL = 999_999;

function readLabel(path: string, row: number, value: unknown): number {
  const label = typeof value === "bigint" ? Number(value) : value;
  const isClass = typeof label === "number" && Number.isInteger(label);
  if (isClass && label >= 0 && label <= LARGEST_LABEL) return label;
  throw badLabel(path, row, String(value), `an integer from 0 to ${LARGEST_LABEL}`);
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
function classNames(
  { huggingface: text }: ParquetFile["properties"],
  column: string,
): readonly string[] | undefined {
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
    let group = 0;
    for (; group < table.file.groups.length - 1; group++) {
      const end = start + (table.file.groups[group] ?? 0);
      if (row < end) break;
      start = end;
    }
    const key = `${group} ${table.path}`;
    const rows = await (groups.get(key) ?? load(key, table, group));
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

async function readRows({ file, imageColumn }: Table, group: number): Promise<readonly unknown[]> {
  const images: unknown[] = [];
  const parts = file.read({ columns: [imageColumn], groups: [group, group + 1], text: false });
  for await (const { rows } of parts) for (const [image] of rows) images.push(image);
  return images;
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (typeof value !== "object" || value === null) return undefined;
  return "bytes" in value && value.bytes instanceof Uint8Array ? value.bytes : undefined;
}

function badParquet(path: string, failure: WorkerFailure): ImageError {
  const { reason } = failure;
  return new ImageError(
    "images/bad-parquet",
    `${path} cannot be read as parquet: ${reason}. Copy or download it again.`,
    { file: path, expected: "a parquet file", actual: reason, cause: failure },
  );
}
