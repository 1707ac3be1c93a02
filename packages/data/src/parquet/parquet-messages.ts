/** A request to the worker that reads parquet. */
export type ParquetRequest = OpenRequest | ReadRequest | NextRequest | CloseRequest;

/** Asks for what the footer of a file says. */
interface OpenRequest {
  readonly kind: "open";
  readonly file: string;
}

/** Begins to read columns of consecutive row groups; the answer is the first batches. */
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

/** Ends a reading before its last batches. */
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
}

/** Some batches: a message takes as long as many rows do. */
export interface ParquetBatches {
  readonly batches: readonly ParquetBatch[];
  /** Whether none follow. */
  readonly last: boolean;
}
