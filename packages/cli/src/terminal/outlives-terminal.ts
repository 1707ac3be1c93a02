import { readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";

/** Facts of a process that {@link outlivesTerminal} looks at. */
export interface Started {
  readonly env: NodeJS.ProcessEnv;
  readonly ppid: number;
  /** Where the system tells of processes, as Linux does in `/proc`. */
  readonly proc?: string;
}

/** SIGHUP among the ignored signals of a process. */
const HANGUP = 1n;

/**
 * Whether a process was started to outlive its terminal, as by `nohup`. Node sets ignored signals back before any program sees
 * them, so this is told from what is left: the command that a shell notes in `_`, a parent that ignores hangups and hands that
 * on, and the stdin that `nohup` puts in the place of a terminal, which can only be written.
 */
export function outlivesTerminal({ env, ppid, proc = "/proc" }: Started): boolean {
  return (
    basename(env["_"] ?? "") === "nohup" ||
    ignoresHangups(join(proc, String(ppid), "status")) ||
    hasStdinOfNohup(join(proc, "self"))
  );
}

function ignoresHangups(status: string): boolean {
  const [, ignored] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(textOf(status)) ?? [];
  return ignored !== undefined && (BigInt(`0x${ignored}`) & HANGUP) !== 0n;
}

function hasStdinOfNohup(self: string): boolean {
  const [, flags = "0"] = /^flags:\s*([0-7]+)$/m.exec(textOf(join(self, "fdinfo", "0"))) ?? [];
  const isWriteOnly = (Number.parseInt(flags, 8) & 3) === 1;
  return isWriteOnly && linkOf(join(self, "fd", "0")) === "/dev/null";
}

/** Contents of a file; nothing where it cannot be read, as on other systems. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return "";
  }
}
