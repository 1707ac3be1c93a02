import {
  completedCommands,
  SHELLS,
  type Completable,
  type Shell,
} from "../completion/completed.js";
import { completionScript } from "../completion/scripts.js";
import type { Call } from "../flags/given.js";
import type { Terminal } from "../terminal/terminal.js";

/** `ligo completion`, of the commands of a catalogue. */
export async function completion(
  { sources }: Call,
  io: Terminal,
  catalog: readonly Completable[],
): Promise<void> {
  const [shell = ""] = sources;
  if (!SHELLS.includes(shell as Shell)) {
    const { UsageError } = await import("@ligo/sdk");
    const known = SHELLS.join(", ");
    throw new UsageError("cli/unknown-shell", `"${shell}" is not among ${known}.`, {
      expected: known,
      actual: shell,
    });
  }
  io.stdout(completionScript(shell as Shell, completedCommands(catalog)));
}
