import type { Pushed } from "@ligo/hub";
import { inContext, type Handles } from "./context.js";
import { check } from "./settings/check.js";
import { splitHandles } from "./settings/handles.js";
import { pushSettings } from "./settings/push.js";
import type { PushSettings } from "./settings/types.generated.js";

/**
 * Uploads the model in a folder to the Hugging Face hub, with its card, operator and record: private unless asked otherwise,
 * files that are there already skipped. Progress comes as `download` events with the bytes that were sent. Throws `HubError`.
 */
export async function push(
  folder: string,
  name: string,
  given: PushSettings & Handles = {},
): Promise<Pushed> {
  const { handles, settings: plain } = splitHandles(given);
  const { settings } = check(pushSettings, plain);
  const { pushModel } = await import("@ligo/hub");
  return inContext(handles, ({ downloads, signal }) =>
    pushModel(folder, name, {
      isPublic: settings.public,
      dryRun: settings.dryRun,
      reporter: downloads,
      signal,
    }),
  );
}
