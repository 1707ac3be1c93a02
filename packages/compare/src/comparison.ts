import type { MethodName } from "@ligo/core";
import type { Phase } from "@ligo/core/methods";
import type { EvaluateSettings, GrowSettings, TrainSettings } from "@ligo/sdk";
import { defaultsOf, growSettings } from "@ligo/sdk/settings";
import { given } from "./given.js";

/** Settings that are the same for every run of a comparison. */
export const SHARED = [
  "data",
  "tokenizer",
  "processor",
  "objective",
  "heldOut",
  "textColumn",
  "skipBadRows",
  "dataWeights",
  "cache",
  "architecture",
  "engine",
] as const;

/** Settings of a run that the comparison decides by itself. */
export const DECIDED = ["seed", "out", "dtype", "saveEvery", "saveMinutes", "keep"] as const;

/** Settings that only other trainings have: those of labelled data, and of a part of a longer training. */
export const NOT_OF_TRAINING = [
  "className",
  "labels",
  "evalData",
  "labelColumn",
  "stride",
  "epochs",
  "targetLoss",
  "stepsBefore",
  "scheduleSteps",
] as const;

/** Settings that only other growths have. */
export const NOT_OF_GROWTH = [
  "to",
  "parameters",
  "method",
  "operator",
  "evaluate",
  "evalData",
  "labelColumn",
  "stride",
] as const;

/** Settings of a training that a task may have beside its `training`. */
export const OF_TASK = [
  "labels",
  "textColumn",
  "labelColumn",
  "stride",
  "skipBadRows",
  "epochs",
  "className",
  "data",
  "evalData",
] as const;

/** Settings of an evaluation that other data may have. */
export const OF_OTHER_DATA = ["data", "textColumn", "skipBadRows", "heldOut"] as const;

type SharedName = (typeof SHARED)[number];
type Outer = SharedName | (typeof DECIDED)[number];

/** Settings that every run of a comparison gets. */
export interface SharedSettings extends Omit<Pick<TrainSettings, SharedName>, "data"> {
  readonly data: readonly string[];
}

/** Settings of a training that a comparison may have. */
export type TrainingSettings = Omit<TrainSettings, Outer | (typeof NOT_OF_TRAINING)[number]>;

/** Settings of a growth that a comparison may have. */
export type GrowthSettings = Omit<GrowSettings, Outer | (typeof NOT_OF_GROWTH)[number]>;

/** The name of starting anew. */
export const SCRATCH: "scratch" = "scratch" as const;

/** The name of training the source itself on, instead of growing it. */
export const SOURCE: "source" = "source" as const;

/** The name of growing by what a probe chooses. */
export const AUTO: "auto" = "auto" as const;

/** A method that a row grows by. */
export type GrowsBy = MethodName | typeof AUTO;

/** Rows that others may be measured against. */
export const REFERENCES: readonly Reference[] = [SCRATCH, SOURCE];

export type Reference = "scratch" | "source";

const isReference = (method: string): boolean => REFERENCES.some((name) => name === method);

/** As `teacher` of a training: the comparison's source, or the one that is trained for the seed. */
export const SOURCE_AS_TEACHER = "$source";

/** A row of a comparison: a way to come to a trained target. */
export interface ComparedMethod {
  /** Name of the row; unique. */
  readonly name: string;
  /** `scratch`, `source`, `auto`, or a method of growing. */
  readonly method: string;
  readonly growth: GrowthSettings;
  /** Settings of this row's training that differ from the comparison's. */
  readonly training: TrainingSettings;
  /** Sizes that are trained one after the other, each grown from the one before; default: the target alone. */
  readonly phases?: readonly Phase[] | undefined;
  /** What the row may spend, where that is otherwise than of the comparison. */
  readonly budget?: Budget | undefined;
}

/**
 * `flops`: a row may spend as much as scratch does, growth included. `steps`: it trains for the steps of the training, and growth
 * comes on top.
 */
export type Budget = "flops" | "steps";

/** A task that trained models are fine-tuned on, to see what they are worth. */
export interface DownstreamTask extends Omit<
  Pick<TrainSettings, (typeof OF_TASK)[number]>,
  "data" | "evalData"
> {
  /** Name of the task; unique. */
  readonly name: string;
  readonly data: readonly string[];
  /** Data to judge by. Default: the part held out of `data`. */
  readonly evalData?: readonly string[] | undefined;
  readonly training: TrainingSettings;
}

/** Data that every model is judged by before its training and at the end, and that nothing learns from. */
export interface OtherData extends Omit<
  Pick<EvaluateSettings, (typeof OF_OTHER_DATA)[number]>,
  "data"
> {
  /** Name of the data; unique. */
  readonly name: string;
  readonly data: readonly string[];
}

/** A source that is trained first: a config, and how. */
export interface TrainedSource {
  readonly config: Readonly<Record<string, unknown>>;
  readonly training: TrainingSettings;
}

/** A comparison: one source, one target, one training, several methods. */
export interface Comparison extends SharedSettings {
  readonly title: string;
  /** The source: a checkpoint, or a config to train one by. */
  readonly source: string | TrainedSource;
  /** Config of the target, or the keys that change. */
  readonly to: string | Readonly<Record<string, unknown>>;
  readonly budget: Budget;
  /** Rows that are always there. Savings are measured against the first. Default: `scratch`, as the methods have it. */
  readonly references?: readonly Reference[] | undefined;
  readonly seeds: readonly number[];
  /** Peak learning rates, of which every row takes that which ends lowest on the seeds of tuning. */
  readonly rates?: readonly number[] | undefined;
  readonly tuningSeeds?: readonly number[] | undefined;
  /** Data of tuning. Default: `data`. */
  readonly tuningData?: readonly string[] | undefined;
  readonly training: TrainingSettings;
  readonly growth: GrowthSettings;
  readonly methods: readonly ComparedMethod[];
  /** Tasks that every trained model is fine-tuned on. */
  readonly downstream?: readonly DownstreamTask[] | undefined;
  readonly evaluation?: readonly OtherData[] | undefined;
}

/** The row that savings are measured against. */
export const referenceOf = ({ references }: Pick<Comparison, "references">): Reference =>
  references?.[0] ?? SCRATCH;

/** What a row may spend. */
export const budgetOf = (
  { budget }: Pick<Comparison, "budget">,
  row: Pick<ComparedMethod, "budget">,
): Budget => row.budget ?? budget;

/** Whether a row begins at the source. */
export const usesSource = ({ method }: Pick<ComparedMethod, "method">): boolean =>
  method !== SCRATCH;

/** Rows of a reference: of the source at equal operations, and beside it at equal steps, each under a schedule of its own. */
export function referenceRows(reference: Reference, budget: Budget): readonly ComparedMethod[] {
  const row: ComparedMethod = { name: reference, method: reference, growth: {}, training: {} };
  if (reference === SCRATCH || budget === "steps") return [row];
  return [row, { ...row, name: SAME_STEPS, budget: "steps" }];
}

/** Name of the row of the source that is trained for as many steps as the others at most. */
const SAME_STEPS = `${SOURCE}, same steps`;

/** Settings that all runs of a comparison share. */
export function sharedSettings(comparison: Comparison): SharedSettings {
  const entries = SHARED.map((name): [string, unknown] => [name, comparison[name]]);
  return given(Object.fromEntries(entries)) as unknown as SharedSettings;
}

/** Settings of a row's growth: its own, else the comparison's, else those of its training. */
export function growthOf(
  { growth, training }: Pick<Comparison, "growth" | "training">,
  method: ComparedMethod,
): GrowthSettings & { readonly steps: number } {
  const { accumulate, augment, batch, sequence } = training;
  const like = given({ batch, sequence, accumulate, augment });
  const own = { ...like, ...growth, ...method.growth };
  return { ...own, steps: own.steps ?? defaultsOf(growSettings, "steps").steps };
}

/** Methods that a row grows by: its own, and those of its phases. */
export function methodsOf({ method, phases = [] }: ComparedMethod): readonly GrowsBy[] {
  const names = [method, ...phases.map((phase) => phase.method)];
  const grows = names.filter((name) => name !== undefined && !isReference(name));
  // recipes are checked for it
  return [...new Set(grows)] as readonly GrowsBy[];
}
