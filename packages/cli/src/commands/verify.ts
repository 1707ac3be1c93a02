import type { CommandIo } from "../terminal/command-io.js";
import { formatTable } from "@ligo/report";
import {
  type EngineName,
  UsageError,
  type LayerDrift,
  verifyGrowth,
  type VerifyResult,
} from "@ligo/sdk";
import { createDownloadReporter } from "../terminal/download-progress.js";
import { printResult } from "./print-result.js";
import { type TextFlags, textOptions } from "./text-flags.js";

export interface VerifyFlags extends TextFlags {
  readonly inputs?: string;
  readonly data?: readonly string[];
  readonly objective?: string;
  readonly tokenizer?: string;
  readonly tolerance: number;
  readonly seed: number;
  readonly strict?: boolean;
  readonly engine: EngineName;
  readonly architecture?: string;
  readonly json?: boolean;
}

/** `ligo verify`. */
export async function verify(
  small: string,
  grown: string,
  flags: VerifyFlags,
  io: CommandIo,
): Promise<void> {
  const result = await verifyGrowth({
    small,
    grown,
    inputs: flags.inputs,
    data: flags.data,
    objective: flags.objective,
    tokenizer: flags.tokenizer,
    ...textOptions(flags),
    tolerance: flags.tolerance,
    seed: flags.seed,
    engine: flags.engine,
    architecture: flags.architecture,
    architectures: io.architectures,
    downloads: createDownloadReporter(io, false),
    signal: io.signal,
  });
  printResult(io, flags, result, describe(result));
  if (flags.strict === true && result.verdict === "changed") {
    throw new UsageError("cli/function-changed", `${grown} does not compute what ${small} does.`, {
      file: grown,
      expected: `differences up to ${flags.tolerance}`,
      actual: result.verdict,
    });
  }
}

function describe(result: VerifyResult): string {
  const { inputs, losses, outputs, drift, reasons, verdict } = result;
  const rows = Object.entries(outputs).map(([name, { max, mean, kl }]) => [
    name,
    small(max),
    small(mean),
    small(kl),
  ]);
  const table = formatTable([["output", "max difference", "mean difference", "KL"], ...rows]);
  const loss =
    losses === null
      ? ""
      : `\n${losses.objective} loss on ${losses.of}: ${losses.small.toFixed(4)} small, ${losses.grown.toFixed(4)} grown\n`;
  const stacks = Object.entries(drift).map(([name, layers]) => `\n${driftTable(name, layers)}`);
  const why = reasons.map((reason) => `- ${reason}\n`).join("");
  return (
    `On ${inputs} inputs:\n${table}${loss}${stacks.join("")}\n` +
    `The function is ${verdict}.\n${why}`
  );
}

const small = (value: number): string => value.toExponential(2);

function driftTable(stack: string, layers: readonly LayerDrift[]): string {
  return formatTable([
    [`after layers of ${stack}`, "as small after", "drift", "alignment", "scale"],
    ...layers.map(({ layer, of, drift, alignment, scale }) => [
      String(layer),
      String(of),
      drift === null ? "-" : small(drift),
      alignment.toFixed(4),
      scale.toFixed(3),
    ]),
  ]);
}
