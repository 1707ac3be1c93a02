import type { CommandIo } from "../terminal/command-io.js";
import { evaluateCheckpoint, type ScoredEvaluation, type EngineName } from "@ligo/sdk";
import { formatBytes, formatCount, formatTable } from "@ligo/report";
import { watching } from "../terminal/watching.js";
import { printResult } from "./print-result.js";
import { type TextFlags, textOptions } from "./text-flags.js";

export interface EvalFlags extends TextFlags {
  readonly data: readonly string[];
  readonly objective?: string;
  readonly processor?: string;
  readonly predictions?: string;
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
    predictions: flags.predictions,
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
  const { blocks, images, questions, sequence, texts } = result;
  const size =
    blocks !== undefined
      ? ["blocks", `${formatCount(blocks)} of ${sequence} tokens`]
      : texts !== undefined
        ? ["texts", `${formatCount(texts)} of up to ${sequence} tokens`]
        : questions !== undefined
          ? ["questions", `${formatCount(questions)} in windows of ${sequence} tokens`]
          : ["images", formatCount(images ?? 0)];
  const memory = ["peak memory", formatBytes(result.peak_memory_bytes)];
  printResult(io, flags, result, formatTable([...describeEvaluation(result), size, memory]));
}

/** Rows of a table. */
export function describeEvaluation(
  found: ScoredEvaluation & { readonly objective: string },
  prefix: string = "",
): readonly string[][] {
  const { accuracy, loss, objective, perplexity, positions, scores } = found;
  return [
    [`${prefix}loss`, `${loss.toFixed(4)} (${objective})`],
    // of tokens; among a few classes it says no more than the loss
    ...(objective.endsWith("-lm") ? [[`${prefix}perplexity`, perplexity.toFixed(2)]] : []),
    ...(accuracy === undefined
      ? []
      : [[`${prefix}accuracy`, `${(100 * accuracy).toFixed(2)} % of ${formatCount(positions)}`]]),
    ...Object.entries(scores ?? {}).map(([name, value]) => [
      `${prefix}${name.replaceAll("_", " ")}`,
      value.toFixed(4),
    ]),
  ];
}
