import { defineSettings, type CommandSettings } from "./define.js";
import { engineSettings, modelSettings } from "./run.js";
import type { CheckedOpenSettings, OpenSettings } from "./types.generated.js";

export const openSettings: CommandSettings<OpenSettings, CheckedOpenSettings> = defineSettings<
  OpenSettings,
  CheckedOpenSettings
>("open", { ...engineSettings, ...modelSettings });
