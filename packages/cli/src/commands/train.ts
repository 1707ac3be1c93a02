import type { CommandIo } from "../terminal/command-io.js";
import { formatBytes, formatCount, formatFlops, formatTable } from "@ligo/report";
import {
  type EngineName,
  type DtypeName,
  type AugmentationName,
  resumeTraining,
  trainCheckpoint,
  type ResumeTrainingOptions,
} from "@ligo/sdk";
import { watching } from "../terminal/watching.js";
import { describeEvaluation } from "./eval.js";
import { times } from "./grow.js";
import { optimizationOptions, type OptimizationFlags } from "./optimization-flags.js";
import { printResult } from "./print-result.js";
import { type TextFlags, textOptions } from "./text-flags.js";
import { isResumed, type ResumeFlags, type SaveFlags } from "./run-flags.js";

export interface TrainFlags extends OptimizationFlags, SaveFlags, TextFlags {
  readonly data: readonly string[];
  readonly evalData?: readonly string[];
  readonly class?: string;
  readonly labels?: number;
  readonly objective?: string;
  readonly augment?: AugmentationName;
  readonly stochasticDepth?: number;
  readonly teacher?: string;
  readonly teacherSteps?: number;
  readonly temperature?: number;
  readonly processor?: string;
  readonly out: string;
  readonly steps: number;
  readonly stepsBefore: number;
  readonly scheduleSteps?: number;
  readonly epochs?: number;
  readonly batch: number;
  readonly accumulate: number;
  readonly checkpointActivations?: boolean;
  readonly seq: number;
  readonly lr: number;
  readonly warmup?: number;
  readonly weightDecay: number;
  readonly clip: number;
  readonly dropTokens?: number;
  readonly dropLayers?: number;
  readonly freeze?: readonly string[];
  readonly undecayed?: readonly string[];
  readonly evalEvery?: number;
  readonly targetLoss?: number;
  readonly seed: number;
  readonly heldOut: number;
  readonly tokenizer?: string;
  readonly engine: EngineName;
  readonly dtype?: DtypeName;
  readonly architecture?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `ligo train`; with `--resume`, `flags` are those that were given. */
export async function train(
  checkpoint: string | undefined,
  flags: TrainFlags | ResumeFlags<TrainFlags>,
  io: CommandIo,
): Promise<void> {
  const watchers = watching(io, flags.quiet);
  const result = isResumed(flags)
    ? await resumeTraining(flags.resume, { ...optionsOf(checkpoint, flags), ...watchers })
    : await trainCheckpoint({
        ...optionsOf(checkpoint, flags),
        // commander requires them
        checkpoint: checkpoint as string,
        data: flags.data,
        out: flags.out,
        ...watchers,
      });
  const { images, tokens } = result;
  const amount =
    tokens === undefined ? `${formatCount(images ?? 0)} images` : `${formatCount(tokens)} tokens`;
  const rows = [
    ["trained", `${result.out} (${formatCount(result.parameters)} parameters)`],
    ...(result.target_reached === undefined
      ? []
      : [
          ["target", result.target_reached ? `reached after ${result.steps} steps` : "not reached"],
        ]),
    ["spent", `${amount}, ${formatFlops(result.flops)}`],
    ["time", times(result.seconds)],
    ["peak memory", formatBytes(result.peak_memory_bytes)],
    ...describeEvaluation({ objective: result.judged_by, ...result.held_out }, "held-out "),
  ];
  printResult(io, flags, result, formatTable(rows));
}

/** The options that flags stand for. */
function optionsOf(
  checkpoint: string | undefined,
  flags: Partial<TrainFlags>,
): ResumeTrainingOptions {
  return {
    checkpoint,
    data: flags.data,
    evalData: flags.evalData,
    className: flags.class,
    labels: flags.labels,
    objective: flags.objective,
    augment: flags.augment,
    stochasticDepth: flags.stochasticDepth,
    teacher: flags.teacher,
    teacherSteps: flags.teacherSteps,
    temperature: flags.temperature,
    processor: flags.processor,
    steps: flags.steps,
    stepsBefore: flags.stepsBefore,
    scheduleSteps: flags.scheduleSteps,
    epochs: flags.epochs,
    batch: flags.batch,
    accumulate: flags.accumulate,
    checkpointActivations: flags.checkpointActivations,
    sequence: flags.seq,
    learningRate: flags.lr,
    warmup: flags.warmup,
    weightDecay: flags.weightDecay,
    clipNorm: flags.clip,
    dropTokens: flags.dropTokens,
    dropLayers: flags.dropLayers,
    freeze: flags.freeze,
    undecayed: flags.undecayed,
    targetLoss: flags.targetLoss,
    ...optimizationOptions(flags),
    evaluateEvery: flags.evalEvery,
    seed: flags.seed,
    heldOut: flags.heldOut,
    tokenizer: flags.tokenizer,
    ...textOptions(flags),
    engine: flags.engine,
    dtype: flags.dtype,
    architecture: flags.architecture,
    saveEvery: flags.saveEvery,
    saveMinutes: flags.saveMinutes,
    keep: flags.keep,
  };
}
