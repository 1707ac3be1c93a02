import type { Writable } from "node:stream";

/** Ends the program quietly where the reader of its output has left, as `head` does; other failures of a stream are errors. */
export function endWithReader(
  outputs: readonly Writable[] = [process.stdout, process.stderr],
  exit: (code: number) => void = (code) => process.exit(code),
): void {
  for (const output of outputs) {
    output.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      exit(0);
    });
  }
}
