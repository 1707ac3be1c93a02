import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsup";

/** Beside `src` and `dist`, so that packages and versions are found from it. */
const built = fileURLToPath(new URL(`../../../.generated-killed-ligo-${process.pid}`, import.meta.url));
const bundle = join(built, "killed-ligo.js");
const shim = join(built, "die-at.so");
const SHIM_SOURCE = fileURLToPath(
  new URL("../../../../../tooling/kills/die-at.c", import.meta.url),
);

/** One file of sources, so that a process starts fast and no build is needed before. */
export async function buildLigo(): Promise<void> {
  await build({
    entry: {
      "killed-ligo": fileURLToPath(new URL("killed-ligo.ts", import.meta.url)),
      // the process that asks a device for its adapter
      "probe-process": fileURLToPath(
        new URL("../../../../engine/src/adapters/probe-process.ts", import.meta.url),
      ),
    },
    config: false,
    format: "esm",
    target: "node20",
    outDir: built,
    // modules of TensorFlow.js that its entry leaves out are no modules to Node.js
    noExternal: [/^@ligo\//, /^@tensorflow\/tfjs-core\/dist\//],
    skipNodeModulesBundle: true,
    silent: true,
    esbuildOptions: (options) => void (options.conditions = ["@ligo/source"]),
  });
  // what pages run in a browser, which is read from beside the code
  await build({
    entry: {
      "browser/page": fileURLToPath(
        new URL("../../../../report/src/browser/page.ts", import.meta.url),
      ),
    },
    config: false,
    format: "esm",
    target: "es2022",
    outDir: built,
    splitting: false,
    silent: true,
  });
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
