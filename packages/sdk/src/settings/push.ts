import { defineSettings, type CommandSettings } from "./define.js";
import { flag } from "./kinds.js";
import type { CheckedPushSettings, PushSettings } from "./types.generated.js";

export const pushSettings: CommandSettings<PushSettings, CheckedPushSettings> = defineSettings<
  PushSettings,
  CheckedPushSettings
>("push", {
  public: flag({
    group: "output",
    says: "Let everybody see a repository that is made. One that is there stays as it is.",
  }).default(false),
  dryRun: flag({
    group: "output",
    says: "Say what would be sent, and send nothing.",
  }).default(false),
});
