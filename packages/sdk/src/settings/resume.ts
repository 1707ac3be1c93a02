import { defineSettings, type CommandSettings } from "./define.js";
import { growSettings } from "./grow.js";
import { text, withoutDefaults, type Settings } from "./kinds.js";
import { trainSettings } from "./train.js";
import type { CheckedResumeSettings, ResumeSettings } from "./types.generated.js";

/** Everything but the folder, which is the run's. */
const { out: _out, ...settings } = {
  ...growSettings.schema.shape,
  ...trainSettings.schema.shape,
} as Settings;

/**
 * What a run may be told when it goes on: how it is saved, and where its inputs lie now. Other settings must be those it was
 * begun with.
 */
export const resumeSettings: CommandSettings<ResumeSettings, CheckedResumeSettings> =
  defineSettings<ResumeSettings, CheckedResumeSettings>("resume", {
    checkpoint: text({
      group: "growth",
      holder: "checkpoint",
      otherwise: "where it was",
      says: "Checkpoint that the run was begun with, where it lies now.",
    }),
    ...withoutDefaults(settings),
  });
