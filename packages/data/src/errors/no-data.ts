import type { BadRows } from "./bad-rows.js";
import { DataError } from "./data-error.js";

/**
 * `data/empty`: the files that were read hold nothing of what is looked for.
 *
 * @param what as in "There is no ...": `text`, `question`
 * @param badRows rows that were left out
 */
export function noData(
  what: string,
  patterns: readonly string[],
  files: readonly string[],
  badRows?: BadRows,
): DataError {
  const named = patterns.map((one) => `"${one}"`).join(", ");
  const read = `${files.length} file${files.length === 1 ? "" : "s"} read`;
  const [first] = badRows?.first ?? [];
  const left =
    first === undefined ? "" : ` ${badRows?.count} rows were left out, the first as ${first}`;
  return new DataError(
    "data/empty",
    `There is no ${what} in ${named} (${read}); name files that hold some.${left}`,
    { file: files[0], expected: what, actual: "none" },
  );
}
