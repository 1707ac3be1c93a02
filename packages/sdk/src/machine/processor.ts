import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";

/** The processor of this machine. */
export interface Processor {
  readonly model: string;
  readonly cores: number;
  /** Widest vectors it computes with, where Linux says so: products are up to twice as fast with AVX-512. */
  readonly vectors?: "AVX-512" | "AVX2";
}

/** Looks at the processor. */
export function processor(): Processor {
  const vectors = vectorInstructions();
  return {
    model: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    ...(vectors === undefined ? {} : { vectors }),
  };
}

/** A processor in words. */
export const processorText = ({ cores, model, vectors }: Processor): string =>
  `${[model, ...(vectors === undefined ? [] : [vectors])].join(" with ")}, ${cores} cores`;

/** Processor, cores and memory of this machine, for people. */
export function describeMachine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${processorText(processor())}, ${memory} GiB`;
}

function vectorInstructions(): Processor["vectors"] {
  let flags: readonly string[];
  try {
    const [, found = ""] = /^flags\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8")) ?? [];
    flags = found.split(" ");
  } catch {
    return undefined;
  }
  if (flags.includes("avx512f")) return "AVX-512";
  return flags.includes("avx2") ? "AVX2" : undefined;
}
