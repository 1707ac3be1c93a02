import { printable, redacted } from "@ligo/core/json";

/** Variables of the environment that hold an access token. */
const TOKENS = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"];

/**
 * Makes texts fit to be shown, wherever they come from: tokens and passwords are hidden, control characters written as JSON
 * escapes them, so that JSON stays what it was and no text draws over others.
 */
export function safeText(
  environment: Readonly<Record<string, string | undefined>>,
): (text: string) => string {
  const secrets = TOKENS.map((name) => environment[name]?.trim() ?? "");
  return (text) => printable(redacted(text, secrets));
}
