import { dataSettings, heldOutSettings, imageFiles, textSettings } from "./data.js";
import { defineSettings, type CommandSettings } from "./define.js";
import { flag, text, type Settings } from "./kinds.js";
import { conflict, type Rule } from "./rules.js";
import { engineSettings, modelSettings } from "./run.js";
import type { CheckedEvaluateSettings, EvaluateSettings } from "./types.generated.js";

/** Settings of an evaluation alone. */
const evaluation: Settings = {
  all: flag({
    group: "judging",
    says: "Judge by all of the data, not only by the part that training and growing hold out.",
  }).default(false),
  predictions: text({
    group: "output",
    holder: "file",
    says: "File to write the answers to questions to, by their ids.",
  }),
};

/** Where all of the data judge, no part of them is held out. */
const allOrHeldOut: Rule<{ all: boolean }> = ({ all }, given) =>
  all === true && given.has("heldOut") ? [conflict("all", "heldOut")] : [];

export const evaluateSettings: CommandSettings<EvaluateSettings, CheckedEvaluateSettings> =
  defineSettings<EvaluateSettings, CheckedEvaluateSettings>(
    "evaluate",
    {
      ...dataSettings,
      ...heldOutSettings,
      ...evaluation,
      ...textSettings,
      ...imageFiles,
      ...engineSettings,
      ...modelSettings,
    },
    { required: ["data"], rules: [allOrHeldOut] },
  );
