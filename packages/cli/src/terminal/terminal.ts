import { painted, type Words } from "./colours.js";
import type { CommandIo } from "./command-io.js";
import { safeText } from "./safe-text.js";
import { firstThatFits } from "./terminal-line.js";

/**
 * The streams of a command, as its parts see them: texts are made safe and get their colours. On a terminal one line, the live one,
 * stands below all others and is drawn again and again.
 */
export interface Terminal extends Omit<CommandIo, "stdout" | "stderr"> {
  /** Writes results, help and version; the live line goes. */
  readonly stdout: (words: Words) => void;
  /** Writes errors; the live line goes. */
  readonly stderr: (words: Words) => void;
  /** Writes a line of its own above the live line. */
  readonly note: (words: Words) => void;
  /** Draws the live line anew: the first of these that fits. Nothing where there is no terminal. */
  readonly live: (lines: readonly Words[]) => void;
  /** Leaves the live line where it is. */
  readonly keep: () => void;
}

/**
 * Wipes the row of the live line. A terminal that became narrower may have broken the line into rows: those above stay, as some
 * terminals break no line that is being written, and notes stand there.
 */
const WIPE = "\r\u001B[K";

/** Opens the streams of a command. */
export function openTerminal(
  io: CommandIo,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Terminal {
  const { colours = { stdout: false, stderr: false }, columns, interactive } = io;
  const safe = safeText(environment);
  const shown = (words: Words, hasColours: boolean): string =>
    typeof words === "string"
      ? safe(words)
      : words
          .map((part) => {
            if (typeof part === "string") return safe(part);
            return hasColours ? painted(safe(part.text), part.style) : safe(part.text);
          })
          .join("");
  let line: Words | undefined;
  const erase = (): void => {
    if (line !== undefined) io.stderr(WIPE);
    line = undefined;
  };
  return {
    ...io,
    stdout(words) {
      erase();
      io.stdout(shown(words, colours.stdout));
    },
    stderr(words) {
      erase();
      io.stderr(shown(words, colours.stderr));
    },
    note(words) {
      const above = `${shown(words, colours.stderr)}\n`;
      if (line === undefined) return io.stderr(above);
      // the terminal may have become narrower
      line = firstThatFits([line], columns?.());
      io.stderr(`${WIPE}${above}${shown(line, colours.stderr)}`);
    },
    live(lines) {
      if (!interactive) return;
      line = firstThatFits(lines, columns?.());
      io.stderr(`${WIPE}${shown(line, colours.stderr)}`);
    },
    keep() {
      if (line !== undefined) io.stderr("\n");
      line = undefined;
    },
  };
}
