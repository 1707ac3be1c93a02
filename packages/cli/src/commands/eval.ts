import type { Evaluation } from "@ligo/train";
import type { CommandIo } from "../terminal/command-io.js";
import { evaluateCheckpoint } from "../training/evaluate-checkpoint.js";
import { formatBytes, formatCount, formatTable } from "../terminal/format.js";
import type { EngineName } from "../models/load-engine.js";
import { watching } from "../terminal/watching.js";
import { printResult } from "./print-result.js";
import { type TextFlags, textOptions } from "./text-flags.js";

export interface EvalFlags extends TextFlags {
  readonly data: readonly string[];
  readonly objective?: string;
  readonly processor?: string;
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
    objective: flags.objective,
    processor: flags.processor,
    all: flags.all,
    batch: flags.batch,
    sequence: flags.seq,
    seed: flags.seed,
    heldOut: flags.heldOut,
    tokenizer: flags.tokenizer,
    ...textOptions(flags),
    engine: flags.engine,
    architecture: flags.architecture,
    ...watching(io, flags.quiet),
  });
  const { blocks, images, sequence } = result;
  const size =
    blocks === undefined
      ? ["images", formatCount(images ?? 0)]
      : ["blocks", `${formatCount(blocks)} of ${sequence} tokens`];
  const memory = ["peak memory", formatBytes(result.peak_memory_bytes)];
  printResult(io, flags, result, formatTable([...describeEvaluation(result), size, memory]));
}

/** Rows of a table. */
export function describeEvaluation(
  found: Evaluation & { readonly objective: string },
  prefix: string = "",
): readonly string[][] {
  const { loss, objective, perplexity } = found;
  return [
    [`${prefix}loss`, `${loss.toFixed(4)} (${objective})`],
    // of tokens; among a few classes it says no more than the loss
    ...(objective.endsWith("-lm") ? [[`${prefix}perplexity`, perplexity.toFixed(2)]] : []),
    [
      `${prefix}accuracy`,
      `${(100 * found.accuracy).toFixed(2)} % of ${formatCount(found.positions)}`,
    ],
  ];
}
