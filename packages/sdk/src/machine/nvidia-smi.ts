import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { GraphicsDevice } from "@ligo/engine/adapters";

/** An NVIDIA card as its driver tells it. */
export interface NvidiaDevice extends GraphicsDevice {
  readonly driverVersion: string;
}

const QUERY = ["--query-gpu=name,memory.total,driver_version", "--format=csv,noheader,nounits"];
/** Seconds that the program may take: it waits for a driver that hangs. */
const DEADLINE = 5;

/** NVIDIA's cards by `nvidia-smi`; none where it is not installed or does not answer. */
export async function nvidiaDevices(): Promise<readonly NvidiaDevice[]> {
  try {
    const { stdout } = await promisify(execFile)("nvidia-smi", QUERY, { timeout: DEADLINE * 1000 });
    return parseNvidiaSmi(stdout);
  } catch {
    return [];
  }
}

/** Reads lines such as `NVIDIA H200, 143771, 570.124.06`: name, MiB of memory, version of the driver. */
export function parseNvidiaSmi(text: string): readonly NvidiaDevice[] {
  return text.split("\n").flatMap((line) => {
    const [name, mebibytes, driverVersion] = line.split(",").map((cell) => cell.trim());
    if (name === undefined || !(Number(mebibytes) > 0) || driverVersion === undefined) return [];
    return [
      { vendor: "NVIDIA", name, memoryBytes: Number(mebibytes) * 2 ** 20, driverVersion } as const,
    ];
  });
}
