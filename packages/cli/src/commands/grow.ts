import type { LigoOptions, MethodName, TiePolicy, WidthScope } from "@ligo/core";
import type { CommandIo } from "../terminal/command-io.js";
import { formatBytes, formatCount, formatFlops, formatSeconds, formatTable } from "@ligo/report";
import {
  type InitialDepth,
  growCheckpoint,
  resumeGrowth,
  type GrowResult,
  type ResumeGrowthOptions,
  type EngineName,
  type DtypeName,
  type AugmentationName,
} from "@ligo/sdk";
import type { OperatorRates } from "@ligo/train";
import { watching } from "../terminal/watching.js";
import { optimizationOptions, type OptimizationFlags } from "./optimization-flags.js";
import { printResult } from "./print-result.js";
import { type TextFlags, textOptions } from "./text-flags.js";
import { isResumed, type ResumeFlags, type SaveFlags } from "./run-flags.js";

export interface GrowFlags extends OptimizationFlags, SaveFlags, TextFlags {
  readonly to: string;
  readonly out: string;
  readonly method: MethodName;
  readonly data?: readonly string[];
  readonly evalData?: readonly string[];
  readonly objective?: string;
  readonly augment?: AugmentationName;
  readonly stochasticDepth?: number;
  readonly teacher?: string;
  readonly processor?: string;
  readonly operator?: string;
  readonly steps: number;
  readonly batch: number;
  readonly accumulate: number;
  readonly checkpointActivations?: boolean;
  readonly seq: number;
  readonly lr: number;
  readonly warmup: number;
  readonly rates: OperatorRates;
  readonly seed: number;
  readonly form: WidthScope;
  readonly initDepth: InitialDepth;
  readonly initWidth: NonNullable<LigoOptions["width"]>;
  readonly perturbation?: number;
  readonly rank: number;
  readonly ties: TiePolicy;
  readonly engine: EngineName;
  readonly dtype?: DtypeName;
  readonly heldOut: number;
  readonly eval: boolean;
  readonly tokenizer?: string;
  readonly architecture?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `ligo grow`; with `--resume`, `flags` are those that were given. */
export async function grow(
  checkpoint: string | undefined,
  flags: GrowFlags | ResumeFlags<GrowFlags>,
  io: CommandIo,
): Promise<void> {
  const watchers = watching(io, flags.quiet);
  const result = isResumed(flags)
    ? await resumeGrowth(flags.resume, { ...optionsOf(checkpoint, flags), ...watchers })
    : await growCheckpoint({
        ...optionsOf(checkpoint, flags),
        // commander requires them
        checkpoint: checkpoint as string,
        to: flags.to,
        out: flags.out,
        ...watchers,
      });
  printResult(io, flags, result, describe(result));
}

/** The options that flags stand for. */
function optionsOf(checkpoint: string | undefined, flags: Partial<GrowFlags>): ResumeGrowthOptions {
  return {
    checkpoint,
    to: flags.to,
    method: flags.method,
    data: flags.data,
    evalData: flags.evalData,
    objective: flags.objective,
    augment: flags.augment,
    stochasticDepth: flags.stochasticDepth,
    teacher: flags.teacher,
    processor: flags.processor,
    operator: flags.operator,
    steps: flags.steps,
    batch: flags.batch,
    accumulate: flags.accumulate,
    checkpointActivations: flags.checkpointActivations,
    ...optimizationOptions(flags),
    sequence: flags.seq,
    learningRate: flags.lr,
    warmup: flags.warmup,
    rates: flags.rates,
    seed: flags.seed,
    form: flags.form,
    initialDepth: flags.initDepth,
    initialWidth: flags.initWidth,
    perturbation: flags.perturbation,
    rank: flags.rank,
    ties: flags.ties,
    engine: flags.engine,
    dtype: flags.dtype,
    heldOut: flags.heldOut,
    evaluate: flags.eval,
    tokenizer: flags.tokenizer,
    ...textOptions(flags),
    architecture: flags.architecture,
    saveEvery: flags.saveEvery,
    saveMinutes: flags.saveMinutes,
    keep: flags.keep,
  };
}

function describe(result: GrowResult): string {
  const { losses, parameters, seconds } = result;
  const loss = (value: number | undefined): string => value?.toFixed(4) ?? "-";
  const rows = [
    ["grown", `${result.out} (${result.method})`],
    ["parameters", `${formatCount(parameters.source)} -> ${formatCount(parameters.target)}`],
    ["written", `${formatBytes(result.bytes)} of weights, ${result.files.length} files`],
    ["time", times(seconds)],
    ["peak memory", formatBytes(result.peak_memory_bytes)],
  ];
  if (result.flops !== null) rows.push(["learning", formatFlops(result.flops)]);
  if (losses.grown !== undefined) {
    const start = losses.start === undefined ? "" : `, ${loss(losses.start)} grown before learning`;
    rows.push([
      "held-out loss",
      `${loss(losses.small)} small${start}, ${loss(losses.grown)} grown`,
    ]);
  }
  return `${formatTable(rows)}\nnext:\n  ${result.next}\n`;
}

/** Where the time went, the most first. */
export function times(seconds: Readonly<Record<string, number>>): string {
  return Object.entries(seconds)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, amount]) => `${name} ${formatSeconds(amount)}`)
    .join(", ");
}
