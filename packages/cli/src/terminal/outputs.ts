/** A stream of a process, any write to which may fail. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** Ends of a process's streams. */
export interface OutputEnds {
  /** The terminal is gone that a stream was. */
  readonly onTerminalGone: () => void;
  /** Results cannot be written, for a reason other than that nobody reads them; `code` is the system's. */
  readonly onResultsLost: (code: string) => void;
}

/**
 * Ways to write to stdout and stderr that never fail. Texts that cannot be written are dropped: messages for whatever reason, as no
 * work may end for the sake of its log; results where their reader has left, as `head` does, and otherwise it is told.
 */
export function createOutputs(
  stdout: Output,
  stderr: Output,
  { onResultsLost, onTerminalGone }: OutputEnds,
): { readonly stdout: (text: string) => void; readonly stderr: (text: string) => void } {
  const guarded = (output: Output, onLost: (code: string) => void): ((text: string) => void) => {
    const onError = (error: unknown): void => {
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      if (output.isTTY === true && code === "EIO") onTerminalGone();
      else if (code !== "EPIPE") onLost(code);
    };
    // streams of files throw, others tell later
    output.on("error", onError);
    return (text) => {
      try {
        output.write(text);
      } catch (error) {
        onError(error);
      }
    };
  };
  return {
    stdout: guarded(stdout, onResultsLost),
    stderr: guarded(stderr, () => undefined),
  };
}
