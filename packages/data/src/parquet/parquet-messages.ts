/** A request to the worker that reads parquet. */
export type ParquetRequest = OpenRequest | ReadRequest | NextRequest | CloseRequest;

/** Asks for what the footer of a file says. */
interface OpenRequest {
  readonly kind: "open";
  readonly file: string;
}

/** Begins to read columns of consecutive row groups; the answer is the first batch. */
interface ReadRequest {
  readonly kind: "read";
  /** Number of the reading, of the caller's choice. */
  readonly reader: number;
  readonly file: string;
  /** First row group, and the one after the last. */
  readonly groups: readonly [first: number, end: number];
  readonly columns: readonly string[];
  /** Whether bytes that are UTF-8 come as strings. */
  readonly text: boolean;
}

interface NextRequest {
  readonly kind: "next";
  readonly reader: number;
}

/** Ends a reading before its last batch. */
interface CloseRequest {
  readonly kind: "close";
  readonly reader: number;
}

/** What the footer of a parquet file says. */
export interface ParquetFacts {
  /** Names of the columns, those of a struct under the name of the struct. */
  readonly columns: readonly string[];
  readonly groups: readonly { readonly rows: number; readonly bytes: number }[];
  /** Metadata that the writer left, by key. */
  readonly properties: Readonly<Record<string, string>>;
}

/** Consecutive rows of one row group. */
export interface ParquetBatch {
  readonly group: number;
  /** Cells of each column, in the order the columns were asked for. */
  readonly columns: readonly (readonly unknown[])[];
  readonly rows: number;
  /** Whether no batch follows. */
  readonly last: boolean;
}

/** What the worker says of a failure. */
export interface ParquetFailure {
  readonly reason: string;
  /** Code of a failure of the file system: `ENOENT`. */
  readonly code: string | undefined;
}
