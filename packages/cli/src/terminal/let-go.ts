import { closeSync } from "node:fs";
import { isatty } from "node:tty";

/** The part of a process that tells of its end. */
export interface Ending {
  on(event: "exit", listener: () => void): unknown;
}

/** The system's calls on the streams of a process, by number. */
interface Streams {
  readonly isTerminal: (stream: number) => boolean;
  readonly close: (stream: number) => void;
}

/**
 * Closes, as the last act of a process, those of its streams whose terminal is gone by then. Node sets the modes of terminals
 * back when it ends, and aborts where one refuses.
 */
export function letGoOfTerminals(
  ending: Ending,
  { close, isTerminal }: Streams = { close: closeSync, isTerminal: isatty },
): void {
  const terminals = [0, 1, 2].filter((stream) => isTerminal(stream));
  ending.on("exit", () => {
    for (const stream of terminals) if (!isTerminal(stream)) close(stream);
  });
}
