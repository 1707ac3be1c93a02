import type { CommandIo } from "./command-io.js";
import type { DownloadReporter } from "@ligo/hub";
import { createDownloadReporter } from "./download-progress.js";
import type { Reporter } from "@ligo/sdk";
import { createReporter } from "./progress.js";

/** The options of a long command that come from where it runs. */
export interface Watching {
  readonly architectures: CommandIo["architectures"] | undefined;
  readonly signal: CommandIo["signal"] | undefined;
  readonly reporter: Reporter;
  readonly downloads: DownloadReporter;
}

/** Who watches a command, what stops it, and what is known there. */
export function watching(io: CommandIo, quiet: boolean = false): Watching {
  return {
    architectures: io.architectures,
    reporter: createReporter(io, quiet),
    downloads: createDownloadReporter(io, quiet),
    signal: io.signal,
  };
}
