import type { Architecture } from "@ligo/core";

/** A command's way to the outside: where its words go, and what can stop it. */
export interface CommandIo {
  /** Receives results, help and version. */
  readonly stdout: (text: string) => void;
  /** Receives progress, notes and errors. */
  readonly stderr: (text: string) => void;
  /** Whether stderr is a terminal: decides between a progress bar and plain lines. */
  readonly interactive: boolean;
  /** Columns of that terminal at the moment: it may change its size. */
  readonly columns?: () => number;
  /** Stops a command between two steps; it then ends with exit code 130. */
  readonly signal?: AbortSignal;
  /** Architectures that need not be found among the installed packages. */
  readonly architectures?: readonly Architecture[];
}

/** The streams of this process. */
export function processIo(): CommandIo {
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    interactive: process.stderr.isTTY,
    columns: () => process.stderr.columns,
  };
}
