import { LigoError, type RawConfig } from "@ligo/core";
import { parseJson } from "@ligo/core/json";

/** A config that a visitor gave, or why it cannot be used. */
export type GivenConfig =
  | { readonly config: RawConfig; readonly error?: undefined }
  | { readonly config?: undefined; readonly error: string };

/** Keys of a config as text: what was pasted, dropped or fetched. */
export function readConfig(text: string): GivenConfig {
  try {
    const value = parseJson(text, { spelling: true, unique: true });
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return { config: value as RawConfig };
    return { error: "This is JSON, but not the keys of a config." };
  } catch (error) {
    return { error: `This is not JSON: ${messageOf(error)}` };
  }
}

const ID = /^\w[\w.-]*\/\w[\w.-]*(?:@[\w./-]+)?$/u;

/** Whether a text is an id of the hub: `org/name` or `org/name@revision`. */
export const isHubId = (text: string): boolean => ID.test(text.trim());

/** Address of the config of a model on the hub. */
export function configUrl(id: string): string {
  const [name = "", revision = "main"] = id.trim().split("@");
  return `https://huggingface.co/${name}/resolve/${encodeURIComponent(revision)}/config.json`;
}

/** Fetches the config of a model on the hub: the only thing that the planner asks of a network. */
export async function fetchConfig(id: string, get: typeof fetch): Promise<GivenConfig> {
  try {
    const answer = await get(configUrl(id));
    if (answer.ok) return readConfig(await answer.text());
    const why =
      answer.status === 401 || answer.status === 403 ? "It is gated or private" : "No config there";
    return { error: `${why} (HTTP ${answer.status}). Paste its config.json instead.` };
  } catch (error) {
    return { error: `The hub cannot be reached: ${messageOf(error)}` };
  }
}

/** Words of an error for a page. */
export function messageOf(error: unknown): string {
  if (LigoError.isInstance(error)) return error.message;
  return error instanceof Error ? error.message : String(error);
}
