import type { CommandIo } from "../terminal/command-io.js";
import { formatShape } from "@ligo/report";
import { forwardCheckpoint, type EngineName } from "@ligo/sdk";
import { createDownloadReporter } from "../terminal/download-progress.js";
import { printResult } from "./print-result.js";

export interface ForwardFlags {
  readonly inputs: string;
  readonly output: string;
  readonly engine: EngineName;
  readonly architecture?: string;
  readonly json?: boolean;
}

/** `ligo forward`. */
export async function forward(
  checkpoint: string,
  flags: ForwardFlags,
  io: CommandIo,
): Promise<void> {
  const result = await forwardCheckpoint({
    checkpoint,
    inputs: flags.inputs,
    output: flags.output,
    engine: flags.engine,
    architecture: flags.architecture,
    architectures: io.architectures,
    downloads: createDownloadReporter(io, false),
    signal: io.signal,
  });
  const outputs = Object.entries(result.outputs).map(
    ([name, shape]) => `${name} ${formatShape(shape)}`,
  );
  const loss = result.loss === undefined ? "" : `loss ${result.loss}\n`;
  printResult(io, flags, result, `${result.output}: ${outputs.join(", ")}\n${loss}`);
}
