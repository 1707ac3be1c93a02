import { stat } from "node:fs/promises";
import { guardedWorker } from "./guarded-worker.js";
import type {
  ParquetBatch,
  ParquetBatches,
  ParquetFacts,
  ParquetRequest,
} from "./parquet-messages.js";
import type { WorkerFailure } from "./worker-answers.js";

/** Makes the error of a file that cannot be read. */
export type RefuseParquet = (failure: WorkerFailure) => Error;

/** Rows of one row group that follow each other. */
export interface ParquetRows {
  readonly group: number;
  readonly rows: readonly (readonly unknown[])[];
}

/** Which rows and columns are read, and how. */
export interface ReadParquetOptions {
  /** Names of columns; a struct comes whole. */
  readonly columns: readonly string[];
  /** First row group, and the one after the last. Default: all. */
  readonly groups?: readonly [first: number, end: number];
  /** Whether bytes that are UTF-8 come as strings. */
  readonly text: boolean;
}

/** A parquet file whose footer was read. */
export interface ParquetFile {
  /** Names of the columns, those of a struct under the name of the struct. */
  readonly columns: readonly string[];
  /** Rows of each row group. */
  readonly groups: readonly number[];
  /** Metadata that the writer left, by key. */
  readonly properties: Readonly<Record<string, string>>;
  /** Rows in order, about a megabyte at a time; the next are read while these are worked on. */
  read(options: ReadParquetOptions): AsyncGenerator<ParquetRows, void, undefined>;
}

/** Patience for the smallest request, and bytes of a file for which there is another second. */
const LEAST_MILLISECONDS = 3000;
const BYTES_A_SECOND = 2 ** 22;

/** Messages that are asked for before they are needed. */
const AHEAD = 3;

const worker = guardedWorker<ParquetRequest>(new URL("./parquet-worker.js", import.meta.url));
let readers = 0;

/**
 * Opens a parquet file, the only way there is to one: a worker reads it, checks it against itself, and is given up where it
 * crashes, takes long for the size of the file, or needs much memory. Compressions are snappy, gzip, brotli, zstd and lz4 (raw
 * and of Hadoop). Throws what `refuse` makes of a failure, also while it is read.
 */
export async function openParquet(file: string, refuse: RefuseParquet): Promise<ParquetFile> {
  const ask = <T>(request: ParquetRequest, bytes: number): Promise<T> =>
    worker.ask(request, LEAST_MILLISECONDS + (1000 * bytes) / BYTES_A_SECOND).then(
      (value) => value as T,
      (failure: unknown) => {
        throw refuse(failure as WorkerFailure);
      },
    );
  // a file that is not there is told by the one that opens it
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  const { columns, groups, properties } = await ask<ParquetFacts>({ kind: "open", file }, size);
  return {
    columns,
    groups: groups.map(({ rows }) => rows),
    properties,
    async *read({ columns: chosen, groups: [first, end] = [0, groups.length], text }) {
      const reader = readers++;
      const bytes = Math.max(0, ...groups.slice(first, end).map((group) => group.bytes));
      const ahead: Promise<ParquetBatches>[] = [];
      const demand = (request: ParquetRequest): void => {
        const asked = ask<ParquetBatches>(request, bytes);
        // told where it is waited for
        asked.catch(() => undefined);
        ahead.push(asked);
      };
      demand({ kind: "read", reader, file, groups: [first, end], columns: chosen, text });
      let isLast = false;
      try {
        while (!isLast) {
          while (ahead.length < AHEAD) demand({ kind: "next", reader });
          const found = await ahead.shift();
          isLast = found?.last ?? true;
          for (const batch of found?.batches ?? []) {
            yield { group: batch.group, rows: rowsOf(batch) };
          }
        }
      } finally {
        if (!isLast) await ask({ kind: "close", reader }, bytes).catch(() => undefined);
      }
    },
  };
}

function rowsOf({ columns, rows }: ParquetBatch): readonly (readonly unknown[])[] {
  return Array.from({ length: rows }, (_, row) => columns.map((column) => column[row]));
}
