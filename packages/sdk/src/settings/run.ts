import * as z from "@ligo/core/zod";
import { ENGINE_NAME, ENGINE_NAMES } from "../models/engine-name.js";
import { bytes, choice, count, nonNegative, text, type Settings } from "./kinds.js";

/** Settings of every command that computes with a model. */
export const engineSettings: Settings = {
  engine: z
    .string()
    .regex(ENGINE_NAME)
    .meta({
      group: "run",
      holder: "name",
      type: "EngineName",
      must: ENGINE_NAMES,
      says: "Engine that computes: `auto` (a GPU where there is one, else `onnx`), `onnx`, `onnx:<provider>` (`cuda`, ...), `webgpu`, `tensorflow`, `tensorflow:cpu`, `reference`.",
    })
    .default("auto"),
};

/** Settings of every command that opens a checkpoint. */
export const modelSettings: Settings = {
  architecture: text({
    group: "run",
    holder: "package",
    otherwise: "found by the checkpoint's `model_type`",
    says: "Architecture package, or path of one.",
  }),
};

/** Settings of a folder that is written, and of how a run is saved on its way. */
export const outputSettings: Settings = {
  out: text({
    group: "output",
    holder: "folder",
    says: "Folder of the run and of its result; must be missing or empty.",
  }),
  dtype: choice(["f32", "f16", "bf16"], {
    group: "output",
    otherwise: "that of the source",
    says: "Data type of the written weights.",
  }),
  maxShardSize: bytes({
    group: "output",
    holder: "size",
    otherwise: "5GB",
    says: "Most bytes of weights in one file, such as 2GB; a larger tensor gets a file of its own.",
  }),
  saveEvery: count({
    group: "output",
    unit: "steps",
    says: "Steps between two checkpoints of a run.",
  }),
  saveMinutes: nonNegative({
    group: "output",
    unit: "minutes",
    otherwise: "10, or 0 with `saveEvery`",
    says: "Minutes between two checkpoints of a run; 0 for never.",
  }),
  keep: count({
    group: "output",
    otherwise: "2",
    says: "Checkpoints of a run that stay: the last so many, and the best by held-out loss.",
  }),
};
