import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleScripts, bundleSources } from "@ligo/vitest/bundle-sources";

/** Beside `src` and `dist`, so that packages and versions are found from it. */
const built = fileURLToPath(new URL(`../../../.generated-killed-ligo-${process.pid}`, import.meta.url));
const bundle = join(built, "killed-ligo.js");
const shim = join(built, "die-at.so");
const SHIM_SOURCE = fileURLToPath(
  new URL("../../../../../tooling/kills/die-at.c", import.meta.url),
);

/** Bundles the process that is killed, and what it reads from beside its code. */
export async function buildLigo(): Promise<void> {
  const repository = new URL("../../../../../", import.meta.url);
  const fileOf = (path: string): string => fileURLToPath(new URL(path, repository));
  await bundleSources(
    {
      "killed-ligo": fileURLToPath(new URL("killed-ligo.ts", import.meta.url)),
      // the process that asks a device for its adapter
      "probe-process": fileOf("packages/engine/src/adapters/probe-process.ts"),
    },
    built,
  );
  await bundleScripts({ "browser/page": fileOf("packages/report/src/browser/page.ts") }, built);
}

/** Builds what kills a process in one of its operations on the disk; false where there is no compiler, or no Linux. */
export function buildShim(): boolean {
  mkdirSync(built, { recursive: true });
  const argv = ["-shared", "-fPIC", "-O2", "-o", shim, SHIM_SOURCE, "-ldl"];
  return process.platform === "linux" && spawnSync("gcc", argv).status === 0;
}

export function removeBuilt(): void {
  rmSync(built, { recursive: true, force: true });
}

/**
 * When a signal ends or stops a process: in its n-th operation on the disk, so many milliseconds after it was started, or as soon
 * as it says some words.
 */
export type Moment =
  | { readonly by: "operation" | "milliseconds"; readonly at: number }
  | { readonly by: "words"; readonly words: string; readonly signals: readonly NodeJS.Signals[] };

export interface LigoProcess {
  /** Folder below which operations count. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly moment?: Moment | undefined;
  /** Where messages go: to the test, into a file, or to a reader that leaves after the first of them. */
  readonly stderr?: "pipe" | "reader that leaves" | { readonly file: number };
}

export interface Ended {
  /** Signal that ended it. */
  readonly signal: NodeJS.Signals | null;
  readonly code: number | null;
  readonly said: string;
  /** Operations on the disk, of a process that ended by itself and that was not to be killed in one. */
  readonly operations: number;
  /** Time from its start to its end. */
  readonly milliseconds: number;
}

/** Runs `ligo` in a process of its own. */
export function ligoProcess(argv: readonly string[], options: LigoProcess): Promise<Ended> {
  const { env, folder, moment, stderr = "pipe" } = options;
  const count = `${folder}-operations`;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bundle, ...argv], {
      stdio: ["ignore", "ignore", typeof stderr === "object" ? stderr.file : "pipe"],
      env: {
        ...process.env,
        // a shell notes there what it was that it started
        _: process.execPath,
        ...shimEnv(folder, count, moment),
        ...env,
      },
    });
    const started = performance.now();
    let said = "";
    let isWaiting = moment?.by === "words";
    const timer =
      moment?.by === "milliseconds"
        ? setTimeout(() => child.kill("SIGKILL"), moment.at)
        : undefined;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (stderr === "reader that leaves") child.stderr?.destroy();
      if (!isWaiting || moment?.by !== "words" || !said.includes(moment.words)) return;
      isWaiting = false;
      for (const signal of moment.signals) child.kill(signal);
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const operations = existsSync(count) ? Number(readFileSync(count, "utf8")) : 0;
      rmSync(count, { force: true });
      const milliseconds = performance.now() - started;
      resolve({ signal, code, said, operations, milliseconds });
    });
  });
}

function shimEnv(
  folder: string,
  count: string,
  moment: Moment | undefined,
): Readonly<Record<string, string>> {
  if (!existsSync(shim)) return {};
  const at = moment?.by === "operation" ? { LIGO_KILL_AT: String(moment.at) } : {};
  return { LD_PRELOAD: shim, LIGO_KILL_FOLDER: `${folder}/`, LIGO_KILL_COUNT: count, ...at };
}
