import { printable, redacted } from "@ligo/core/json";
import type { CommandIo } from "./command-io.js";

/** Begins a line that is drawn over the one before; nothing else that steers a terminal is let through. */
export const REDRAWN = "\r\u001B[K";

/** Variables of the environment that hold an access token. */
const TOKENS = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"];

/**
 * The same streams, on which no secret and no control character appears, wherever a text comes from: tokens and passwords are
 * hidden, control characters written as JSON escapes them, so that JSON stays what it was.
 */
export function safeOutput(
  io: CommandIo,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): CommandIo {
  const secrets = TOKENS.map((name) => environment[name]?.trim() ?? "");
  const safe = (text: string): string => printable(redacted(text, secrets));
  return {
    ...io,
    stdout: (text) => io.stdout(safe(text)),
    stderr(text) {
      const isRedrawn = text.startsWith(REDRAWN);
      io.stderr(isRedrawn ? `${REDRAWN}${safe(text.slice(REDRAWN.length))}` : safe(text));
    },
  };
}
