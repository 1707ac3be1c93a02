import { parentPort } from "node:worker_threads";
import { openByteSource, type ByteSource } from "./byte-source.js";
import { readFooter, type Footer } from "./parquet-footer.js";
import type { ParquetBatch, ParquetFacts, ParquetRequest } from "./parquet-messages.js";
import { rowBatches, type Cells } from "./row-batches.js";
import { answerRequests } from "./worker-answers.js";

/** Footers that are kept: a file is read group by group, in any order. */
const KEPT_FOOTERS = 32;

const footers = new Map<string, { readonly version: string; readonly footer: Footer }>();
const readings = new Map<number, Generator<ParquetBatch, void, undefined>>();

function footerOf(file: string, source: ByteSource): Footer {
  const kept = footers.get(file);
  if (kept?.version === source.version) return kept.footer;
  const footer = readFooter(source);
  const [oldest] = footers.keys();
  if (footers.size >= KEPT_FOOTERS && oldest !== undefined) footers.delete(oldest);
  footers.set(file, { version: source.version, footer });
  return footer;
}

function open(file: string): ParquetFacts {
  const source = openByteSource(file);
  try {
    const { groups, properties, schema } = footerOf(file, source);
    return {
      columns: schema.children.map(({ element }) => element.name),
      groups: groups.map(({ chunks, rows }) => ({
        rows,
        bytes: chunks.reduce((sum, { end, start }) => sum + end - start, 0),
      })),
      properties,
    };
  } finally {
    source.close();
  }
}

function* batches(
  request: Extract<ParquetRequest, { kind: "read" }>,
): Generator<ParquetBatch, void, undefined> {
  const [first, end] = request.groups;
  const source = openByteSource(request.file);
  try {
    const footer = footerOf(request.file, source);
    // one batch is held back to know the last
    let held: { readonly group: number; readonly columns: Cells } | undefined;
    for (let group = first; group < end; group++) {
      try {
        for (const columns of rowBatches(source, footer, group, request.columns, request.text)) {
          if (held !== undefined) yield batchOf(held, false);
          held = { group, columns };
        }
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`row group ${group}: ${reason}`, { cause: error });
      }
    }
    yield batchOf(held ?? { group: first, columns: [] }, true);
  } finally {
    source.close();
  }
}

function batchOf(
  { columns, group }: { readonly group: number; readonly columns: Cells },
  last: boolean,
): ParquetBatch {
  return { group, columns, rows: columns[0]?.length ?? 0, last };
}

function nextBatch(reader: number): ParquetBatch {
  const next = readings.get(reader)?.next();
  if (next === undefined || next.done === true) {
    throw new Error("it is not read any more, as another file stopped the reader");
  }
  if (next.value.last) close(reader);
  return next.value;
}

function close(reader: number): void {
  readings.get(reader)?.return();
  readings.delete(reader);
}

answerRequests(parentPort, (request: ParquetRequest) => {
  if (request.kind === "open") return open(request.file);
  if (request.kind === "close") return close(request.reader);
  if (request.kind === "read") readings.set(request.reader, batches(request));
  return nextBatch(request.reader);
});
