import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  closeSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPlan, createRandom, encodeOperator } from "@ligo/core";
import { ligoOperator } from "@ligo/core/methods";
import { writeSafetensors } from "@ligo/checkpoint";
import { LIGO } from "./ligo-command.js";
import { PERF_SIZES } from "./perf-cases.js";
import { perfModel, writeRandomModel } from "./perf-model.js";

interface Usage {
  readonly seconds: number;
  readonly peakMemoryBytes: number;
}

/**
 * Environment of measured commands. Node.js 20 reads the certificates that `NODE_EXTRA_CA_CERTS` names whenever it starts, 0.05 s
 * and more for those of a whole system: time of one machine's set-up, not of a command.
 */
const ENVIRONMENT = { ...process.env, NODE_EXTRA_CA_CERTS: undefined };

/** Time and memory of a `ligo grow` in a folder of its own, where it finds no architectures but those of its own build. */
function runGrow(cwd: string, args: readonly string[]): Usage {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [LIGO, "grow", ...args, "--json"],
    { cwd, encoding: "utf8", env: ENVIRONMENT },
  );
  const seconds = (performance.now() - started) / 1000;
  if (status !== 0) throw new Error(`ligo grow ${args.join(" ")}: ${stderr}`);
  const { peak_memory_bytes } = JSON.parse(stdout) as { peak_memory_bytes: number };
  return { seconds, peakMemoryBytes: peak_memory_bytes };
}

/** CPU time of `ligo --version` and `--help`, and of an empty program of Node.js beside them. */
export interface StartUpMeasurement {
  readonly versionCpuSeconds: number;
  readonly helpCpuSeconds: number;
  readonly nodeCpuSeconds: number;
}

export function measureStartUp(repeats: number): StartUpMeasurement {
  return {
    versionCpuSeconds: meanCpuSeconds([LIGO, "--version"], repeats),
    helpCpuSeconds: meanCpuSeconds([LIGO, "--help"], repeats),
    nodeCpuSeconds: meanCpuSeconds(["--eval", ""], repeats),
  };
}

/** CPU time of a program of Node.js, the mean of several runs. */
function meanCpuSeconds(args: readonly string[], repeats: number): number {
  const before = childrenCpuSeconds();
  for (let repeat = 0; repeat < repeats; repeat++)
    execFileSync(process.execPath, args, { env: ENVIRONMENT });
  return (childrenCpuSeconds() - before) / repeats;
}

/** CPU time of all children that have ended. Linux says it without anything loaded into them. */
function childrenCpuSeconds(): number {
  const stat = readFileSync("/proc/self/stat", "utf8");
  // The name, in parentheses, may hold anything; behind it stand the fields from the third on, times in 1/100 s.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [userTime, systemTime] = [Number(fields[13]), Number(fields[14])];
  return (userTime + systemTime) / 100;
}

/** Growing from a given operator beside copying what it writes. */
export interface GrowMeasurement {
  readonly seconds: number;
  /** Copying the weights that were written, with a sync. */
  readonly copySeconds: number;
  readonly ratioToCopy: number;
  readonly bytes: number;
  readonly peakMemoryBytes: number;
}

/** Grows 6 x 512 to 12 x 768 with `ligo grow --operator`, the whole command timed. */
export async function measureGrow(repeats: number): Promise<GrowMeasurement> {
  const folder = mkdtempSync(join(tmpdir(), "ligo-perf-"));
  try {
    const { small, large, vocabulary } = PERF_SIZES.base;
    const [from, to] = [perfModel(small, vocabulary), perfModel(large, vocabulary)];
    const source = join(folder, "small");
    await writeRandomModel(source, from);
    const plan = createPlan(from.layout, to.layout);
    const { metadata, tensors } = encodeOperator(ligoOperator(plan, createRandom(1)));
    const operator = join(folder, "operator.safetensors");
    await writeSafetensors(
      operator,
      [...tensors].map(([name, { rows, columns, data }]) => ({
        name,
        shape: [rows, columns],
        data: () => data,
      })),
      { metadata },
    );
    const grown: Usage[] = [];
    const copies: number[] = [];
    const out = join(folder, "grown");
    const weights = join(out, "model.safetensors");
    let bytes = 0;
    for (let repeat = 0; repeat < repeats; repeat++) {
      rmSync(out, { recursive: true, force: true });
      const args = [source, "--to", JSON.stringify(to.config), "--out", out];
      grown.push(runGrow(folder, [...args, "--operator", operator]));
      bytes = statSync(weights).size;
      copies.push(timeCopy(weights, join(folder, "copy")));
    }
    const seconds = Math.min(...grown.map((run) => run.seconds));
    const copySeconds = Math.min(...copies);
    return {
      seconds,
      copySeconds,
      ratioToCopy: seconds / copySeconds,
      bytes,
      peakMemoryBytes: Math.max(...grown.map((run) => run.peakMemoryBytes)),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function timeCopy(from: string, to: string): number {
  rmSync(to, { force: true });
  const started = performance.now();
  copyFileSync(from, to);
  const file = openSync(to, "r+");
  fsyncSync(file);
  closeSync(file);
  return (performance.now() - started) / 1000;
}
