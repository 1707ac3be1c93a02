import { defineSettings, type CommandSettings } from "./define.js";
import { flag } from "./kinds.js";
import { modelSettings } from "./run.js";
import type { CheckedInspectSettings, InspectSettings } from "./types.generated.js";

export const inspectSettings: CommandSettings<InspectSettings, CheckedInspectSettings> =
  defineSettings<InspectSettings, CheckedInspectSettings>("inspect", {
    draft: flag({
      group: "output",
      says: "Draft a layout from headers and config even where one is known.",
    }).default(false),
    ...modelSettings,
  });
