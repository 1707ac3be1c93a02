import type { Evaluation } from "@ligo/train";
import type { CommandIo } from "../terminal/command-io.js";
import { evaluateCheckpoint } from "../training/evaluate-checkpoint.js";
import { formatCount, formatTable } from "../terminal/format.js";
import type { EngineName } from "../models/load-engine.js";
import { createReporter } from "../terminal/progress.js";
import { printResult } from "./print-result.js";

export interface EvalFlags {
  readonly data: readonly string[];
  readonly all?: boolean;
  readonly batch: number;
  readonly seq: number;
  readonly seed: number;
  readonly heldOut: number;
  readonly tokenizer?: string;
  readonly engine: EngineName;
  readonly architecture?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `ligo eval`. */
export async function evaluate(checkpoint: string, flags: EvalFlags, io: CommandIo): Promise<void> {
  const result = await evaluateCheckpoint({
    checkpoint,
    data: flags.data,
    all: flags.all,
    batch: flags.batch,
    sequence: flags.seq,
    seed: flags.seed,
    heldOut: flags.heldOut,
    tokenizer: flags.tokenizer,
    engine: flags.engine,
    architecture: flags.architecture,
    architectures: io.architectures,
    reporter: createReporter(io, flags.quiet === true),
    signal: io.signal,
  });
  const blocks = ["blocks", `${formatCount(result.blocks)} of ${result.sequence} tokens`];
  printResult(io, flags, result, formatTable([...describeEvaluation(result), blocks]));
}

/** Rows of a table. */
export function describeEvaluation(found: Evaluation, prefix: string = ""): readonly string[][] {
  return [
    [`${prefix}loss`, found.loss.toFixed(4)],
    [`${prefix}perplexity`, found.perplexity.toFixed(2)],
    [
      `${prefix}accuracy`,
      `${(100 * found.accuracy).toFixed(2)} % of ${formatCount(found.positions)}`,
    ],
  ];
}
