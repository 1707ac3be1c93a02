import type { MethodName, RawConfig } from "@ligo/core";
import type { DataAmount, JudgedAmount } from "./data-amount.js";
import type { Probe } from "./growth/probe/facts.js";
import type { OwnEngineName } from "./models/engine-name.js";

/** Stage of long work. */
export type Phase =
  | "read"
  | "probe"
  | "compile"
  | "learn"
  | "train"
  | "apply"
  | "forward"
  | "evaluate"
  | "write";

/** Another stage begins. */
export interface PhaseEvent {
  readonly type: "phase";
  readonly phase: Phase;
}

/** A step is done: of learning or training (`step`), or of a probe, of forward passes or of judging (`progress`). */
export interface StepEvent {
  readonly type: "step" | "progress";
  readonly phase: "probe" | "learn" | "train" | "forward" | "evaluate";
  /** Steps done, from 1. */
  readonly step: number;
  readonly steps: number;
  /** Loss on the step's batch, before its update. */
  readonly loss?: number;
  readonly learningRate?: number;
  /** Norm of the gradient, before clipping. */
  readonly gradientNorm?: number;
  /** Floating-point operations of the matrix products so far. */
  readonly flops?: number;
  readonly unit: "tokens" | "images";
  /** Tokens or images a second, over the last steps. */
  readonly unitsPerSecond: number;
  /** Seconds that the steps to come take at this pace, evaluations left out. */
  readonly secondsLeft: number;
  /** Seconds until all of the work is done, evaluations and phases to come included: a forecast, refined with every step. */
  readonly overallSecondsLeft?: number;
}

/** A model was judged on held-out data. */
export interface EvaluationEvent {
  readonly type: "evaluation";
  /** Model that was judged: the source, the model grown before learning, the grown one, or the one in training. */
  readonly of: "source" | "start" | "grown" | "trained";
  /** Steps it was learned or trained for. */
  readonly step: number;
  readonly loss: number;
  readonly perplexity?: number;
  readonly accuracy?: number;
  readonly scores?: Readonly<Record<string, number>>;
  readonly judged?: JudgedAmount;
}

/** A checkpoint of the run was saved. */
export interface CheckpointEvent {
  readonly type: "checkpoint";
  readonly step: number;
  /** Folder of the checkpoint. */
  readonly path: string;
}

/** Data are read. */
export interface DataEvent {
  readonly type: "data";
  readonly objective: string;
  /** Data to learn from, and data held out to judge by. */
  readonly training: DataAmount;
  readonly heldOut: DataAmount;
}

/** Sizes of the target were chosen, for a word or a number of parameters. */
export interface SizesEvent {
  readonly type: "sizes";
  /** Keys of the target's config. */
  readonly to: RawConfig;
  readonly parameters: number;
}

/** Layers to repeat were chosen. */
export interface LayersEvent {
  readonly type: "layers";
  /** The source layer of every layer of the target, as the setting `layers` has it. */
  readonly layers: string;
  /** Mean cosine of the input and the output of every source layer. */
  readonly similarity: readonly number[];
}

/** The method was chosen, for `auto`. */
export interface MethodEvent {
  readonly type: "method";
  readonly method: MethodName;
  /** Where learning starts from, where that is not the method's own start. */
  readonly start?: string;
  readonly because: string;
  /** What was seen, where there were data. */
  readonly probe?: Probe;
}

/** The engine was chosen, for `auto`, or finds what it computes on. */
export interface EngineEvent {
  readonly type: "engine";
  readonly engine: OwnEngineName;
  /** Why this one, or what computes: a sentence. */
  readonly reason: string;
}

/** The step is compiled. */
export interface CompiledEvent {
  readonly type: "compiled";
  readonly seconds: number;
}

/** A checkpoint is trained as another class. */
export interface ClassEvent {
  readonly type: "class";
  readonly from: string;
  readonly to: string;
  /** Modules that start at random, as the checkpoint lacks them. */
  readonly fresh: readonly string[];
  /** Modules of the checkpoint that the class has no use for. */
  readonly unused: readonly string[];
}

/** An optimiser's moments lie beside the weights that are grown or trained. */
export interface MomentsEvent {
  readonly type: "moments";
  /** Entries that have moments of the source, and entries of the model. */
  readonly entries: number;
  readonly of: number;
  readonly optimizer?: string;
  /** Updates that they are the means of. */
  readonly step?: number;
  /** Why none was taken over: a few words. */
  readonly reason?: string;
}

/** A run is taken up again. */
export interface ResumedEvent {
  readonly type: "resumed";
  /** Steps that are done; the run is finished where it has nothing left to do. */
  readonly step: number;
  readonly finished: boolean;
}

/** Training ended, where it was to end at a held-out loss. */
export interface TargetEvent {
  readonly type: "target";
  readonly loss: number;
  readonly reached: boolean;
  readonly step: number;
}

/** Bytes of a file came from the hub. */
export interface DownloadEvent {
  readonly type: "download";
  readonly repository: string;
  /** Path in the repository. */
  readonly file: string;
  /** Bytes that are there, those of an earlier download included. */
  readonly received: number;
  readonly size: number;
}

/** Something a user should know, and need not act on. */
export type WarningEvent =
  /** Rows of the data were left out, as they have no label or cannot be used (`skipBadRows`); the first of them, and why. */
  | {
      readonly type: "warning";
      readonly code: "rows-left-out";
      readonly count: number;
      readonly first: readonly string[];
    }
  /** Files of folders were left out: how many of each kind (an extension, `hidden`, `empty`), and the first of them. */
  | {
      readonly type: "warning";
      readonly code: "files-left-out";
      readonly count: number;
      readonly kinds: Readonly<Record<string, number>>;
      readonly first: readonly string[];
    }
  /** Files of the source's folder that are not written beside the new weights; those of folders by the folder's name. */
  | {
      readonly type: "warning";
      readonly code: "companions-left-out";
      readonly names: readonly string[];
    }
  /** Tokens of the source that the new tokenizer lacks: their rows are given up (`loseTokens`). */
  | {
      readonly type: "warning";
      readonly code: "tokens-lost";
      readonly file: string;
      readonly names: readonly string[];
    }
  /** Stored tensors that the model's class has no place for: they are not in what is written. */
  | {
      readonly type: "warning";
      readonly code: "tensors-left-out";
      readonly className: string;
      readonly names: readonly string[];
    }
  /** Keys of a whole target config that change something besides sizes, in words. */
  | {
      readonly type: "warning";
      readonly code: "target-changes";
      readonly changes: readonly string[];
    }
  /** A module of a sentence-transformers folder that reads another width than the grown model gives. */
  | {
      readonly type: "warning";
      readonly code: "module-width";
      readonly file: string;
      readonly reads: number;
      readonly given: number;
    }
  /** Other versions of the software began the run: numbers may differ in the last bits. */
  | {
      readonly type: "warning";
      readonly code: "other-versions";
      readonly versions: Readonly<
        Record<string, { readonly before: string; readonly now: string }>
      >;
    }
  /** The epsilon of norms in the target's config was set, so that the function is kept. */
  | {
      readonly type: "warning";
      readonly code: "norm-epsilon-set";
      readonly key: string;
      readonly value: number;
    }
  /** The config has no key for the epsilon of norms, which the function would be kept with. */
  | {
      readonly type: "warning";
      readonly code: "norm-epsilon-fixed";
      readonly architecture: string;
      readonly factor: number;
    }
  /** Files and folders that killed processes had left half written or half removed were removed. */
  | {
      readonly type: "warning";
      readonly code: "leftovers-removed";
      readonly paths: readonly string[];
    }
  /** Learning ended above the loss that it began at: the start was better than what was learned. */
  | {
      readonly type: "warning";
      readonly code: "learning-ended-above";
      readonly start: number;
      readonly learned: number;
    }
  /** The grown model starts far above its source; training has to win that back first. */
  | {
      readonly type: "warning";
      readonly code: "starts-above-source";
      readonly source: number;
      readonly grown: number;
      readonly method: string;
      /** The method that would keep the function here, or come nearest to it. */
      readonly instead: string;
    }
  /** A file of metrics cannot be written, for a reason. Its lines wait in memory until it can; at the end they are lost. */
  | {
      readonly type: "warning";
      readonly code: "metrics-unwritten";
      readonly file: string;
      readonly reason: string;
      readonly lost: boolean;
    }
  /** More tokens of a sequence were asked for than the model has positions for; sequences have as many as it has. */
  | {
      readonly type: "warning";
      readonly code: "sequence-cut";
      readonly asked: number;
      readonly positions: number;
    }
  /** The tokenizer has no padding; texts are padded with its end-of-text token. */
  | { readonly type: "warning"; readonly code: "padded-with-end"; readonly token: number }
  /** Words of the hub's client, or of the cache of tokens. */
  | {
      readonly type: "warning";
      readonly code: "hub" | "token-cache";
      readonly message: string;
    };

/** Everything that long work tells whoever watches it. */
export type LigoEvent =
  | PhaseEvent
  | StepEvent
  | EvaluationEvent
  | CheckpointEvent
  | DataEvent
  | SizesEvent
  | LayersEvent
  | MethodEvent
  | EngineEvent
  | CompiledEvent
  | ClassEvent
  | MomentsEvent
  | ResumedEvent
  | TargetEvent
  | DownloadEvent
  | WarningEvent;

/** Events of `grow`. */
export type GrowEvent = LigoEvent;
/** Events of `train`. */
export type TrainEvent = LigoEvent;

/** Receives events as they come. One that throws ends the work as an abort does: what is done is saved. */
export type EventListener = (event: LigoEvent) => void;
