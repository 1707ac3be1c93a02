/** A stream of a process that may tell that nobody reads it any more. */
interface Output {
  on(event: "error", listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/** Whether an error says that the reader of a pipe has left, as `head` does. */
export function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === "EPIPE";
}

/** Ends the process quietly where the reader of one of its streams has left; any other failure of a stream with code 1. */
export function endWithReader(outputs: readonly Output[], exit: (code: number) => void): void {
  for (const output of outputs) {
    output.on("error", (error) => exit(isClosedPipe(error) ? 0 : 1));
  }
}
