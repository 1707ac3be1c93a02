import { DataError } from "./data-error.js";

/**
 * `data/empty`: the files that were read hold nothing of what is looked for.
 *
 * @param what as in "There is no ...": `text`, `question`
 */
export function noData(
  what: string,
  patterns: readonly string[],
  files: readonly string[],
): DataError {
  const named = patterns.map((one) => `"${one}"`).join(", ");
  const read = `${files.length} file${files.length === 1 ? "" : "s"} read`;
  return new DataError(
    "data/empty",
    `There is no ${what} in ${named} (${read}); name files that hold some.`,
    { file: files[0], expected: what, actual: "none" },
  );
}
