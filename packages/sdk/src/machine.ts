import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";

/** Processor, cores and memory of this machine, for people. */
export function describeMachine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  const processor = [cpus()[0]?.model.trim() ?? "unknown", ...vectorInstructions()].join(" with ");
  return `${processor}, ${cpus().length} cores, ${memory} GiB`;
}

/** Widest vectors the processor computes with, where Linux says so: products are up to twice as fast with AVX-512. */
function vectorInstructions(): readonly string[] {
  let flags: readonly string[];
  try {
    const [, found = ""] = /^flags\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8")) ?? [];
    flags = found.split(" ");
  } catch {
    return [];
  }
  if (flags.includes("avx512f")) return ["AVX-512"];
  return flags.includes("avx2") ? ["AVX2"] : [];
}
