import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRandom } from "@ligo/core";
import { build } from "tsup";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../__fixtures__/run-ligo.js";
import { tinyModel, TINY_TARGET } from "@ligo/vitest/tiny-model";
import { checkpointsOf, remainsOf } from "./__fixtures__/tiny-runs.js";

/** How often runs are killed, all together: `npm run kill-test` asks for 50. */
const KILLS = Number(process.env["LIGO_KILLS"] ?? 6);

/** Beside `src` and `dist`, so that packages and versions are found from it. */
const built = fileURLToPath(new URL("../../.generated-killed-ligo", import.meta.url));
const bundle = join(built, "killed-ligo.js");

beforeAll(async () => {
  // one file of sources, so that a process starts fast and no build is needed before
  await build({
    entry: [fileURLToPath(new URL("__fixtures__/killed-ligo.ts", import.meta.url))],
    config: false,
    format: "esm",
    target: "node20",
    outDir: built,
    noExternal: [/^@ligo\//],
    skipNodeModulesBundle: true,
    silent: true,
    esbuildOptions: (options) => void (options.conditions = ["@ligo/source"]),
  });
}, 60_000);

afterAll(() => rmSync(built, { recursive: true }));

/**
 * When a process is killed: in its n-th operation on the disk, so many milliseconds after its first step is ready, or as soon
 * as it says some words.
 */
type Moment =
  | { readonly by: "operation" | "milliseconds"; readonly at: number }
  | { readonly by: "words"; readonly words: string; readonly signal: NodeJS.Signals };

interface Ended {
  /** What ended it. */
  readonly signal: NodeJS.Signals | null;
  readonly code: number | null;
  readonly said: string;
}

function ligoKilled(argv: readonly string[], moment?: Moment): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bundle, ...argv], {
      stdio: ["ignore", "ignore", "pipe"],
      env: {
        ...process.env,
        ...(moment?.by === "operation" ? { LIGO_KILL_AT: String(moment.at) } : {}),
      },
    });
    let said = "";
    let waiting = moment !== undefined && moment.by !== "operation";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const words = moment?.by === "words" ? moment.words : "Step compiled";
      if (!waiting || !said.includes(words)) return;
      waiting = false;
      if (moment?.by === "words") child.kill(moment.signal);
      else setTimeout(() => child.kill("SIGKILL"), moment?.at);
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ signal, code, said }));
  });
}

/** The latest of moments: a run has about 600 operations. */
const LATEST = { operation: 350, milliseconds: 500 } as const;

interface Chain {
  readonly argv: readonly string[];
  /** What moments are drawn from. */
  readonly by: keyof typeof LATEST;
  readonly kills: number;
  readonly folder: string;
}

/** Kills runs and resumes them until they are done, as often as it says; returns how often it was. */
async function killAndResume({ argv, by, kills, folder }: Chain): Promise<number> {
  const [command = ""] = argv;
  const whole = join(folder, "whole");
  const reference = await ligoKilled([...argv, "--keep", "100", "--out", whole]);
  expect(reference).toMatchObject({ code: 0 });
  const saved = checkpointsOf(whole);
  expect(Object.keys(saved)).toHaveLength(10);
  const random = createRandom(Date.now());
  let killed = 0;
  for (let run = 0; killed < kills; run++) {
    const out = join(folder, `killed-${run}`);
    let newest = 0;
    for (let done = false; !done;) {
      const moment: Moment | undefined =
        killed < kills ? { by, at: 1 + random.integer(LATEST[by]) } : undefined;
      const again = existsSync(out) ? [command, "--resume", out] : [...argv, "--out", out];
      const ended = await ligoKilled(again, moment);
      if (ended.signal === "SIGKILL") killed += 1;
      else expect(ended).toMatchObject({ code: 0 });
      done = ended.signal === null;
      // every checkpoint that is there is whole and that of the run that was not killed; none was lost
      const left = checkpointsOf(out);
      const words = JSON.stringify({ argv, moment });
      for (const [name, hashes] of Object.entries(left)) {
        expect(hashes, `${words} ${name}`).toEqual(saved[name]);
      }
      const last = Math.max(0, ...Object.keys(left).map((name) => Number(name.split("-")[1])));
      expect(last, words).toBeGreaterThanOrEqual(newest);
      newest = last;
    }
    expect(remainsOf(out)).toEqual(remainsOf(whole));
    // nothing half written is left
    for (const path of [out, join(out, "checkpoints")]) {
      expect(readdirSync(path).filter((name) => name.startsWith("."))).toEqual([]);
    }
    expect(existsSync(join(out, "run.lock"))).toBe(false);
  }
  return killed;
}

describe("a run that is asked to stop", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("by %s saves and says how to go on", async (signal) => {
    const root = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(root, "small"));
    const out = join(root, "a run");
    const argv = ["train", checkpoint, "--data", text, "--steps", "1000", "--batch", "4"];
    const ended = await ligoKilled([...argv, "--out", out], {
      by: "words",
      words: "train 100/1000",
      signal,
    });
    expect(ended).toMatchObject({ signal: null, code: 130 });
    const [, step] = /Interrupted\. Step (\d+) is saved\. Go on with:/.exec(ended.said) ?? [];
    expect(ended.said).toContain(`\n  ligo train --resume '${out}'\n`);
    expect(Object.keys(checkpointsOf(out))).toEqual([`step-${step}`]);
  });
});

describe("runs that are killed at random moments", () => {
  const timeout = 60_000 * (KILLS + 4);
  it(`end as if they had never been: ${KILLS} kills`, { timeout }, async () => {
    const root = temporaryFolder();
    const { checkpoint, text } = await tinyModel(join(root, "small"));
    const every = ["--data", text, "--steps", "40", "--batch", "4", "--save-every", "4"];
    const chains: readonly (readonly [keyof typeof LATEST, ...string[]])[] = [
      ["operation", "train", checkpoint, "--eval-every", "6"],
      ["milliseconds", "train", checkpoint, "--accumulate", "2"],
      ["operation", "grow", checkpoint, "--to", TINY_TARGET, "--no-eval"],
    ];
    const killed = await Promise.all(
      chains.map(async ([by, ...argv], index) => {
        const folder = join(root, `chain-${index}`);
        mkdirSync(folder);
        const kills = Math.ceil(KILLS / chains.length);
        return killAndResume({ argv: [...argv, ...every], by, kills, folder });
      }),
    );
    expect(killed.reduce((sum, kills) => sum + kills, 0)).toBeGreaterThanOrEqual(KILLS);
  });
});
