import { DataError } from "./data-error.js";

/** `data/unreadable`: the file system does not give a file or folder. */
export function unreadable(path: string, cause: unknown): DataError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DataError(
    "data/unreadable",
    `${path} cannot be read: ${reason}. Check that it is there and may be read.`,
    { file: path, actual: reason, cause },
  );
}
