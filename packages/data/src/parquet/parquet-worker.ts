import { parentPort } from "node:worker_threads";
import { openByteSource, type ByteSource } from "./byte-source.js";
import { readFooter, type Footer } from "./parquet-footer.js";
import type {
  ParquetBatch,
  ParquetBatches,
  ParquetFacts,
  ParquetRequest,
} from "./parquet-messages.js";
import { rowBatches } from "./row-batches.js";
import { answerRequests } from "./worker-answers.js";

/** Footers that are kept: a file is read group by group, in any order. */
const KEPT_FOOTERS = 32;

/** Batches of a message. */
const BATCHES = 8;

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

function* batches({
  columns,
  file,
  groups: [first, end],
  text,
}: Extract<ParquetRequest, { kind: "read" }>): Generator<ParquetBatch, void, undefined> {
  const source = openByteSource(file);
  try {
    const footer = footerOf(file, source);
    for (let group = first; group < end; group++) {
      try {
        for (const cells of rowBatches(source, footer, group, columns, text)) {
          yield { group, columns: cells, rows: cells[0]?.length ?? 0 };
        }
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`row group ${group}: ${reason}`, { cause: error });
      }
    }
  } finally {
    source.close();
  }
}

function nextBatches(reader: number): ParquetBatches {
  const reading = readings.get(reader);
  if (reading === undefined) {
    throw new Error("it is not read any more, as another file stopped the reader");
  }
  const found: ParquetBatch[] = [];
  while (found.length < BATCHES) {
    const next = reading.next();
    if (next.done === true) {
      readings.delete(reader);
      return { batches: found, last: true };
    }
    found.push(next.value);
  }
  return { batches: found, last: false };
}

function close(reader: number): void {
  readings.get(reader)?.return();
  readings.delete(reader);
}

answerRequests(parentPort, (request: ParquetRequest) => {
  if (request.kind === "open") return open(request.file);
  if (request.kind === "close") return close(request.reader);
  if (request.kind === "read") readings.set(request.reader, batches(request));
  return nextBatches(request.reader);
});
