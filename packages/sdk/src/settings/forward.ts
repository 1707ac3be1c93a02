import * as z from "@ligo/core/zod";
import { defineSettings, type CommandSettings } from "./define.js";
import { text, type Settings } from "./kinds.js";
import { engineSettings, modelSettings } from "./run.js";
import type { CheckedForwardSettings, ForwardSettings } from "./types.generated.js";

/** Inputs of a forward pass. */
export const inputSettings: Settings = {
  inputs: z.union([z.string().min(1), z.custom((value) => typeof value === "object")]).meta({
    group: "data",
    holder: "file",
    type: "ForwardInputs",
    must: "a safetensors file, or tensors by name",
    says: "Inputs of the model by name, such as `input_ids`, `pixel_values`, `labels`; on disk a safetensors file.",
  }),
};

export const forwardSettings: CommandSettings<ForwardSettings, CheckedForwardSettings> =
  defineSettings<ForwardSettings, CheckedForwardSettings>(
    "forward",
    {
      ...inputSettings,
      output: text({
        group: "output",
        holder: "file",
        says: "Safetensors file to write the outputs to; must be missing.",
      }),
      ...engineSettings,
      ...modelSettings,
    },
    { required: ["inputs"] },
  );
