import { allOrHeldOut, dataSettings, heldOutSettings, textSettings, wholeData } from "./data.js";
import { defineSettings, type CommandSettings } from "./define.js";
import { inputSettings } from "./forward.js";
import { positive } from "./kinds.js";
import { needs } from "./rules.js";
import { engineSettings, modelSettings } from "./run.js";
import type { CheckedVerifySettings, VerifySettings } from "./types.generated.js";

/** Settings of the losses on data; random inputs have sizes of their own. */
const OF_DATA: readonly string[] = [
  "objective",
  "tokenizer",
  "batch",
  "sequence",
  ...Object.keys(heldOutSettings),
  ...Object.keys(wholeData),
  ...Object.keys(textSettings),
];

export const verifySettings: CommandSettings<VerifySettings, CheckedVerifySettings> =
  defineSettings<VerifySettings, CheckedVerifySettings>(
    "verify",
    {
      ...inputSettings,
      ...dataSettings,
      ...heldOutSettings,
      ...wholeData,
      ...textSettings,
      tolerance: positive({
        group: "judging",
        says: "Largest difference of outputs that is let pass.",
      }).default(1e-5),
      ...engineSettings,
      ...modelSettings,
    },
    { rules: [...OF_DATA.map((name) => needs(name, "data")), allOrHeldOut] },
  );
