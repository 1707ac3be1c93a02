import type { Architecture } from "@ligo/core";
import { showsColours } from "./colours.js";

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
  /** Seconds between two plain lines of steps, at least, where stderr is no terminal. Default 10. */
  readonly lineSeconds?: number;
  /** Streams that show colours. Default: none. */
  readonly colours?: { readonly stdout: boolean; readonly stderr: boolean } | undefined;
  /** Stops a command between two steps; it then ends with exit code 130. */
  readonly signal?: AbortSignal;
  /** Architectures that need not be found among the installed packages. */
  readonly architectures?: readonly Architecture[];
}

/** The streams of a process. */
export function processIo({ env, stderr, stdout }: NodeJS.Process): CommandIo {
  return {
    stdout: (text) => void stdout.write(text),
    stderr: (text) => void stderr.write(text),
    interactive: stderr.isTTY,
    columns: () => stderr.columns,
    colours: { stdout: showsColours(stdout.isTTY, env), stderr: showsColours(stderr.isTTY, env) },
  };
}
