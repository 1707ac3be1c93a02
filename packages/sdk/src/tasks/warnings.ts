import { basename, extname } from "node:path";
import type { BadRows, LeftOutFile } from "@ligo/data";
import type { Context } from "../context.js";

/** Warns of rows that were left out, and tells the first of them. */
export function warnOfRows({ count, first }: BadRows, { emit }: Pick<Context, "emit">): void {
  if (count > 0) emit({ type: "warning", code: "rows-left-out", count, first });
}

/** Names of files that file managers leave everywhere. */
const LITTER: ReadonlySet<string> = new Set([".DS_Store", "Thumbs.db", "desktop.ini"]);

/** Files that are told by name. */
const TOLD = 5;

/** Warns of files that were left out, by kind. */
export function warnOfFiles(
  leftOut: readonly LeftOutFile[],
  { emit }: Pick<Context, "emit">,
): void {
  const files = leftOut.filter(({ file }) => !LITTER.has(basename(file)));
  if (files.length === 0) return;
  const kinds: Record<string, number> = {};
  for (const { file, why } of files) {
    const kind = why === "kind" ? extname(file).toLowerCase() || "without extension" : why;
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  const first = files.slice(0, TOLD).map(({ file }) => file);
  emit({ type: "warning", code: "files-left-out", count: files.length, kinds, first });
}
