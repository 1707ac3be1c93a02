import { gradualStacking, multiStageLayerwise } from "@ligo/core/methods";
import {
  SOURCE_AS_TEACHER,
  type ComparedMethod,
  type Comparison,
  type GrowthSettings,
  type PublishedSaving,
  type TrainingSettings,
} from "@ligo/compare";
import type { Scale } from "./scales.js";
import type { ScaledSchedule } from "./schedules.js";

export type Config = Readonly<Record<string, unknown>>;

/** Data of an experiment, and what its models must know of them. */
export interface ExperimentInputs {
  /** Text files or folders, or folders of images by class. */
  readonly data: readonly string[];
  /** Tokenizer of text: its folder, its size, and the token it pads with. */
  readonly tokenizer?: TokenizerInputs | undefined;
  /** Names of the classes of images. */
  readonly classes?: readonly string[] | undefined;
  /** A source that is trained already. */
  readonly checkpoint?: FinishedSource | undefined;
}

/** A checkpoint that is given, and its config. */
export interface FinishedSource {
  readonly folder: string;
  readonly config: Config;
}

export interface TokenizerInputs {
  readonly folder: string;
  readonly vocabulary: number;
  readonly pad: number | undefined;
}

/** One experiment of the paper. */
export interface Experiment {
  readonly name: string;
  readonly title: string;
  readonly data: "text" | "images";
  /** Seeds by default; the paper has one. */
  readonly seeds: number;
  /** Whether it begins at a checkpoint that is given, and so knows no scales. */
  readonly fromCheckpoint?: true;
  /** Held-out blocks or images that all models are judged by. Default 512. */
  readonly heldOut?: number;
  /** Savings in the paper, by row. */
  readonly published: Readonly<Record<string, PublishedSaving>>;
  /** Differences from the paper, and what it leaves open. */
  readonly notes: readonly string[];
  comparison(scale: Scale, inputs: ExperimentInputs): ScaledComparison;
}

/** A comparison without what every experiment has in common. */
export type ScaledComparison = Pick<
  Comparison,
  "source" | "to" | "training" | "growth" | "methods" | "budget" | "references"
>;

/**
 * A comparison of a schedule. The paper trains all for the same steps; at scales where growing is a large part of them it is
 * charged.
 */
export function scaledComparison(
  scale: Scale,
  { growth, source, target }: ScaledSchedule,
  { config, methods, to }: Pick<ScaledComparison, "methods" | "to"> & { readonly config: Config },
): ScaledComparison {
  const budget = scale === "paper" ? "steps" : "flops";
  return { source: { config, training: source }, to, training: target, growth, methods, budget };
}

/** A row. */
export function row(
  name: string,
  method: string = name,
  growth: GrowthSettings = {},
  training: TrainingSettings = {},
): ComparedMethod {
  return { name, method, growth, training };
}

/** Methods that grow while they train from scratch, and so have no source: StackBERT as published, and MSLT. */
export function progressiveMethods(
  key: string,
  layers: number,
  below: readonly string[],
): readonly ComparedMethod[] {
  const quarters = (...parts: readonly number[]): number[] =>
    parts.map((part) => Math.round((part * layers) / 4));
  const stacking = gradualStacking({ key, layers: quarters(1, 2, 4) });
  const stages = multiStageLayerwise({ key, layers: quarters(1, 2, 3, 4), below, joint: 0.5 });
  return [
    { ...row("stackbert", "scratch"), phases: stacking },
    { ...row("mslt", "scratch"), phases: stages },
  ];
}

/**
 * Knowledge inheritance: a target from scratch that the source teaches, for 55 of 125 parts of the steps, as in the released
 * example.
 */
export function knowledgeInheritance(steps: number): ComparedMethod {
  const teacherSteps = Math.round((55 / 125) * steps);
  return row("ki", "scratch", {}, { teacher: SOURCE_AS_TEACHER, teacherSteps, temperature: 2 });
}

/** The source trained on instead of being grown: for as many operations as the others spend, and for as many steps. */
export const sourceRows: readonly ComparedMethod[] = [
  row("source"),
  { ...row("source, same steps", "source"), budget: "steps" },
];

/**
 * The methods that all families are compared by. `ligo, published` learns as the published code does: on training's batches,
 * and nothing is added to new units; `ligo, published start` is where that begins.
 */
export const allMethods = ({
  batch,
  learningRate: trainingRate,
}: TrainingSettings): readonly ComparedMethod[] => [
  row("scratch"),
  ...sourceRows,
  row("auto"),
  row("ligo"),
  row("stack"),
  row("stack, half redrawn", "stack", { redrawn: 0.5 }),
  row("fpi"),
  row("aki"),
  row("lemon"),
  row("direct-copy"),
  row("lossless-fresh"),
  row("gradmax"),
  row("sparkling"),
  row("szp"),
  row("bot"),
  row("tleg"),
  row("lesa"),
  row("solar"),
  row("midas"),
  row("ligo, unlearned", "ligo", { steps: 0 }),
  row("ligo, published", "ligo", { ...(batch === undefined ? {} : { batch }), perturbation: 0 }),
  row("ligo, published start", "ligo", { steps: 0, perturbation: 0 }),
  row("interpolate"),
  row("zero-block"),
  row("net2net"),
  row("tile"),
  row("mango"),
  row("ligo-lossless"),
  row("ligo, from lossless-fresh", "ligo", { start: "lossless-fresh" }),
  row("ligo, from direct-copy", "ligo", {
    start: "direct-copy",
    ownDeviation: true,
    readPower: 0.5,
  }),
  row("ligo, two steps ahead", "ligo", {
    start: "lossless-fresh",
    innerSteps: 2,
    ...(trainingRate === undefined ? {} : { trainingRate }),
  }),
  row("ligo-depth"),
  row("ligo-width"),
];
