import { writtenTensors } from "@ligo/core";
import { configOfDtype, lazyTensors, roundedTo, type OutputDtype } from "@ligo/checkpoint";
import { companionMap, companionsIn } from "../models/companion-files.js";
import type { MemoryModel, ModelTensor } from "../models/model-source.js";
import type { ModelSpec } from "../models/model-spec.js";
import type { ReadFile } from "../models/open-model.js";
import type { ScoredEvaluation } from "../evaluation/evaluate-model.js";

/** Facts of a training that is done. */
export interface TrainingFacts {
  readonly parameters: number;
  /** Steps done. */
  readonly steps: number;
  /** Whether a target loss was reached, where one was set. */
  readonly targetReached?: boolean;
  /** Loss of the last step on its batch. */
  readonly loss: number;
  /** Names of the objectives of training and of evaluation. */
  readonly objective: string;
  readonly judgedBy: string;
  /** Evaluation on held-out data, after the last step. */
  readonly heldOut: ScoredEvaluation;
  /** Tokens or images trained on. */
  readonly tokens?: number;
  readonly images?: number;
  /** Floating-point operations of the matrix products of all steps. */
  readonly flops: number;
  /** Seconds by what they were spent on. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Most memory the process held at once, in bytes. */
  readonly peakMemoryBytes: number;
  /** Names of the files that were written. */
  readonly files: readonly string[];
}

/** A trained model, in memory or in the folder it was written to, and how its training went. */
export interface TrainedModel extends MemoryModel, TrainingFacts {
  readonly command: "train";
  /** Files beside the weights, by name. */
  readonly companions: ReadonlyMap<string, Uint8Array>;
  /** Folder it was written to. */
  readonly out: string | undefined;
}

/** A trained model in a folder: tensors and companions are read when they are asked for. */
export function trainedInFolder(
  out: string,
  config: MemoryModel["config"],
  facts: TrainingFacts,
): TrainedModel {
  let tensors: TrainedModel["tensors"] | undefined;
  let companions: TrainedModel["companions"] | undefined;
  return {
    command: "train",
    ...facts,
    config,
    out,
    get tensors() {
      tensors ??= lazyTensors(out);
      return tensors;
    },
    get companions() {
      companions ??= companionsIn(out);
      return companions;
    },
  };
}

/** A trained model in memory, its numbers rounded to the dtype they would be written in. */
export function trainedInMemory(
  spec: ModelSpec,
  weights: ReadonlyMap<string, Float32Array>,
  dtype: OutputDtype,
  files: readonly ReadFile[],
  facts: TrainingFacts,
): TrainedModel {
  const tensors = writtenTensors(spec.layout).map(({ name, shape, source }) => {
    const data = roundedTo(dtype, (weights.get(source) ?? new Float32Array(0)).slice());
    const tensor: ModelTensor = { dtype, shape, data };
    return [name, tensor] as const;
  });
  return {
    command: "train",
    ...facts,
    config: configOfDtype({ ...spec.raw, architectures: [spec.className] }, dtype),
    tensors: new Map(tensors),
    companions: companionMap(files),
    out: undefined,
  };
}
