import { writtenTensors } from "@ligo/core/layout";
import { configOfDtype, roundedTo, type OutputDtype } from "@ligo/checkpoint";
import { companionMap } from "../models/companion-files.js";
import { folderContents } from "../models/folder-contents.js";
import type { MemoryModel, ModelTensor } from "../models/model-source.js";
import type { ModelSpec } from "../models/model-spec.js";
import type { ReadFile } from "../models/open-model.js";
import type { TrainingOutcome } from "./train-on-task.js";
import type { TrainedModel, TrainingFacts } from "./trained-model.js";

/** A trained model in a folder: tensors and companions are read when they are asked for. */
export function trainedInFolder(
  out: string,
  config: MemoryModel["config"],
  facts: TrainingFacts,
): TrainedModel {
  const contents = folderContents(out);
  return {
    command: "train",
    ...facts,
    config,
    out,
    get tensors() {
      return contents.tensors;
    },
    get companions() {
      return contents.companions;
    },
    get moments() {
      return contents.moments;
    },
  };
}

/** A trained model in memory, its numbers rounded to the dtype they would be written in. */
export function trainedInMemory(
  spec: ModelSpec,
  { moments, weights }: Pick<TrainingOutcome, "moments" | "weights">,
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
    ...(moments === undefined ? {} : { moments }),
    out: undefined,
  };
}
