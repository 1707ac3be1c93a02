import { dataSettings, textSettings } from "./data.js";
import { defineSettings, type CommandSettings } from "./define.js";
import { inputSettings } from "./forward.js";
import { pick, positive } from "./kinds.js";
import { engineSettings, modelSettings } from "./run.js";
import type { CheckedVerifySettings, VerifySettings } from "./types.generated.js";

export const verifySettings: CommandSettings<VerifySettings, CheckedVerifySettings> =
  defineSettings<VerifySettings, CheckedVerifySettings>("verify", {
    ...inputSettings,
    ...pick(dataSettings, "data", "objective", "tokenizer", "seed"),
    ...textSettings,
    tolerance: positive({
      group: "judging",
      says: "Largest difference of outputs that is let pass.",
    }).default(1e-5),
    ...engineSettings,
    ...modelSettings,
  });
