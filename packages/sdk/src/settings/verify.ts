import { dataSettings, textSettings } from "./data.js";
import { defineSettings, type CommandSettings } from "./define.js";
import { inputSettings } from "./forward.js";
import { pick, positive } from "./kinds.js";
import { needs } from "./rules.js";
import { engineSettings, modelSettings } from "./run.js";
import type { CheckedVerifySettings, VerifySettings } from "./types.generated.js";

/** Settings that only losses on data read. */
const OF_DATA: readonly string[] = ["objective", "tokenizer", ...Object.keys(textSettings)];

export const verifySettings: CommandSettings<VerifySettings, CheckedVerifySettings> =
  defineSettings<VerifySettings, CheckedVerifySettings>(
    "verify",
    {
      ...inputSettings,
      ...pick(dataSettings, "data", "objective", "tokenizer", "seed"),
      ...textSettings,
      tolerance: positive({
        group: "judging",
        says: "Largest difference of outputs that is let pass.",
      }).default(1e-5),
      ...engineSettings,
      ...modelSettings,
    },
    { rules: OF_DATA.map((name) => needs(name, "data")) },
  );
