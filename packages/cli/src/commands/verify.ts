import type { CommandIo } from "../terminal/command-io.js";
import { formatTable } from "../terminal/format.js";
import type { EngineName } from "../models/load-engine.js";
import { UsageError } from "../usage-error.js";
import { verifyGrowth } from "../growth/verify-growth.js";
import { printResult } from "./print-result.js";

export interface VerifyFlags {
  readonly inputs?: string;
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
    tolerance: flags.tolerance,
    seed: flags.seed,
    engine: flags.engine,
    architecture: flags.architecture,
    architectures: io.architectures,
    signal: io.signal,
  });
  const rows = Object.entries(result.outputs).map(([name, { max, mean, kl }]) => [
    name,
    max.toExponential(2),
    mean.toExponential(2),
    kl.toExponential(2),
  ]);
  const table = formatTable([["output", "max difference", "mean difference", "KL"], ...rows]);
  const reasons = result.reasons.map((reason) => `- ${reason}\n`).join("");
  printResult(io, flags, result, `${table}\nThe function is ${result.verdict}.\n${reasons}`);
  if (flags.strict === true && result.verdict === "changed") {
    throw new UsageError("cli/function-changed", `${grown} does not compute what ${small} does.`, {
      file: grown,
      expected: `differences up to ${flags.tolerance}`,
      actual: result.verdict,
    });
  }
}
