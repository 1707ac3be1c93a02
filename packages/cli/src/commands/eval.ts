import { formatBytes, formatCount, formatTable } from "@ligo/report";
import { evaluate as evaluateModel, type EvaluateResult, type ScoredEvaluation } from "@ligo/sdk";
import { jsonKeys, type EvaluateSettings } from "@ligo/sdk/settings";
import type { Call } from "../flags/given.js";
import type { Terminal } from "../terminal/terminal.js";
import { judgedWords } from "../terminal/judged-words.js";
import { handlesOf } from "../terminal/watch.js";
import { printResult } from "./print-result.js";

/** `ligo eval`. */
export async function evaluate(call: Call, io: Terminal): Promise<void> {
  const [checkpoint = ""] = call.sources;
  // the library checks them
  const settings = call.settings as unknown as EvaluateSettings;
  const handles = handlesOf(call, io);
  const result = await evaluateModel(checkpoint, { ...settings, ...handles });
  const memory = ["peak memory", formatBytes(result.peakMemoryBytes)];
  const words = formatTable([...describeEvaluation(result), sizeOf(result), memory]);
  printResult(call, io, jsonKeys(result) as object, words);
}

function sizeOf({ blocks, images, questions, sequence, texts }: EvaluateResult): readonly string[] {
  if (blocks !== undefined) return ["blocks", `${formatCount(blocks)} of ${sequence} tokens`];
  if (texts !== undefined) return ["texts", `${formatCount(texts)} of up to ${sequence} tokens`];
  if (questions !== undefined)
    return ["questions", `${formatCount(questions)} in windows of ${sequence} tokens`];
  return ["images", formatCount(images ?? 0)];
}

/** Rows of a table. */
export function describeEvaluation(
  found: ScoredEvaluation & { readonly objective: string },
  prefix: string = "",
): readonly string[][] {
  const { accuracy, judged, loss, objective, perplexity, positions, scores } = found;
  return [
    [`${prefix}loss`, `${loss.toFixed(4)} (${objective})${judgedWords(judged)}`],
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
