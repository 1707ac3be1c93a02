import { cpus, totalmem } from "node:os";

/** Processor, cores and memory of this machine, for people. */
export function describeMachine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus()[0]?.model.trim() ?? "unknown"}, ${cpus().length} cores, ${memory} GiB`;
}
