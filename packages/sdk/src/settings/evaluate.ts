import {
  allOrHeldOut,
  dataSettings,
  heldOutSettings,
  imageFiles,
  textSettings,
  wholeData,
} from "./data.js";
import { defineSettings, type CommandSettings } from "./define.js";
import { text, type Settings } from "./kinds.js";
import { engineSettings, modelSettings } from "./run.js";
import type { CheckedEvaluateSettings, EvaluateSettings } from "./types.generated.js";

/** Settings of an evaluation alone. */
const evaluation: Settings = {
  predictions: text({
    group: "output",
    holder: "file",
    says: "File to write the answers to questions to, by their ids.",
  }),
};

export const evaluateSettings: CommandSettings<EvaluateSettings, CheckedEvaluateSettings> =
  defineSettings<EvaluateSettings, CheckedEvaluateSettings>(
    "evaluate",
    {
      ...dataSettings,
      ...heldOutSettings,
      ...wholeData,
      ...evaluation,
      ...textSettings,
      ...imageFiles,
      ...engineSettings,
      ...modelSettings,
    },
    { required: ["data"], rules: [allOrHeldOut] },
  );
