/** How a file holds texts. */
export interface DataFormat {
  readonly kind: "text" | "commas" | "tabs" | "json-lines" | "parquet";
  /** Whether all of the file is packed with gzip. */
  readonly gzip: boolean;
}

const JSON_LINES = [".jsonl", ".ndjson", ".json"] as const;

/** The format of a file, which its name tells: tables by their extension, everything else is text. */
export function formatOf(file: string): DataFormat {
  const lower = file.toLowerCase();
  const gzip = lower.endsWith(".gz");
  const name = gzip ? lower.slice(0, -".gz".length) : lower;
  if (name.endsWith(".parquet")) return { kind: "parquet", gzip };
  if (name.endsWith(".csv")) return { kind: "commas", gzip };
  if (name.endsWith(".tsv")) return { kind: "tabs", gzip };
  return { kind: JSON_LINES.some((one) => name.endsWith(one)) ? "json-lines" : "text", gzip };
}

/** Whether a file is a table by its name, with columns that may be named. */
export function isTable(file: string): boolean {
  return formatOf(file).kind !== "text";
}
