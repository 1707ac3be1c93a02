import { readFile } from "node:fs/promises";
import { systemCode } from "./regular-file.js";

/** Identity of a process that has ended and that nobody has taken notice of yet. */
const ENDED = "ended";

/**
 * On Linux the boot and the time in it at which a process was started, which no other process of the same number shares;
 * `undefined` where there is no such process, and on other systems.
 */
export async function processIdentity(pid: number): Promise<string | undefined> {
  try {
    const [boot, stat] = await Promise.all([
      readFile("/proc/sys/kernel/random/boot_id", "utf8"),
      readFile(`/proc/${pid}/stat`, "utf8"),
    ]);
    // The name of the process, in parentheses, may hold anything; its state follows as field 3, its start is field 22.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? ENDED : `${boot.trim()} ${fields[19]}`;
  } catch {
    return undefined;
  }
}

/**
 * Whether a process of this machine runs no more.
 *
 * @param isSame tells the process from later ones of the same number by the identity of the one that has it now
 */
export async function isProcessGone(
  pid: number,
  isSame: (identity: string) => boolean,
): Promise<boolean> {
  const identity = await processIdentity(pid);
  if (identity !== undefined) return identity === ENDED || !isSame(identity);
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return systemCode(error) === "ESRCH";
  }
}
