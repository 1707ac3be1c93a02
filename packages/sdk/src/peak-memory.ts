import { readFileSync } from "node:fs";

/** Most memory that this process has held at once so far (its peak resident set), in bytes. */
export function peakMemoryBytes(): number {
  return 1024 * (linuxKibibytes() ?? process.resourceUsage().maxRSS);
}

/**
 * As Linux's status of the process says: what a process has used there counts the memory of the one it was forked from.
 * Elsewhere, and where it is not told, `undefined`.
 */
function linuxKibibytes(): number | undefined {
  let status: string;
  try {
    status = readFileSync("/proc/self/status", "utf8");
  } catch {
    return undefined;
  }
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/mu.exec(status) ?? [];
  return kibibytes === undefined ? undefined : Number(kibibytes);
}
