import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeMachine } from "@ligo/sdk/models";
import { endWithReader } from "./closed-pipe.js";
import {
  measureStep,
  SCALING_CASES,
  STEP_CASES,
  type StepCase,
  type StepMeasurement,
} from "./perf-cases.js";
import { measureGrow, measurePeer, measureStartUp } from "./perf-command.js";
import { perfTable } from "./perf-table.js";
import { sgemmGflops } from "./perf-sgemm.js";
import { metricsAgainst, TARGETS, type CaseMetrics } from "./perf-targets.js";
import { versions } from "./versions.js";

const ALL_STEPS: Readonly<Record<string, StepCase>> = { ...STEP_CASES, ...SCALING_CASES };
const OTHERS = ["grow", "start-up"] as const;

const HELP = `Measure speed and memory, as ratios inside one run. Use an otherwise idle machine.

npm run perf -- [--json] [--case <name>]... [--rounds <n>] [--steps <n>] [--peer <command>]

  --json             one JSON object on stdout, and nothing else there
  --case <name>      only this; may be repeated. Steps: ${Object.keys(ALL_STEPS).join(", ")}.
                     Others: ${OTHERS.join(", ")}.
  --rounds <n>       times each case is run, all in turn; the fastest counts (default 2)
  --steps <n>        steps timed in each round (default 14, of base sizes 6)
  --peer <command>   also time another implementation of the same steps, in turn with ours: a program with its
                     arguments, which takes --l1 --d1 --l2 --d2 --B --T --V --steps [--tuned] [--plain] and prints one
                     JSON line with "best" (seconds of a step) and "peak_gb"

Each case runs in a process of its own.
`;

/** Runs one step case in a fresh process, so that its peak memory is its own. */
function inOwnProcess(name: string, steps: number): StepMeasurement {
  const args = [fileURLToPath(import.meta.url), "--measure", name, "--steps", String(steps)];
  const text = execFileSync(process.execPath, args, { encoding: "utf8" });
  return JSON.parse(text) as StepMeasurement;
}

const defaultSteps = (name: string): number => (name.includes("base") ? 6 : 14);

/** The fastest of two measurements of one thing, with the higher of both peaks. */
function better<M extends { seconds: number; peakMemoryBytes: number }>(
  known: M | undefined,
  next: M,
): M {
  if (!known) return next;
  const best = next.seconds < known.seconds ? next : known;
  return { ...best, peakMemoryBytes: Math.max(known.peakMemoryBytes, next.peakMemoryBytes) };
}

interface Flags {
  readonly json: boolean;
  readonly cases: readonly string[];
  readonly rounds: number;
  readonly steps: number | undefined;
  readonly peer: readonly string[] | undefined;
}

async function measureAll({ json, cases, rounds, steps: timed, peer }: Flags): Promise<void> {
  let rate = 0;
  const steps = new Map<string, StepMeasurement>();
  const peers = new Map<string, { seconds: number; peakMemoryBytes: number }>();
  const results: Record<string, CaseMetrics> = {};
  for (let round = 0; round < rounds; round++) {
    for (const name of cases) {
      const step = ALL_STEPS[name];
      if (!step) continue;
      const count = timed ?? defaultSteps(name);
      rate = Math.max(rate, await sgemmGflops());
      steps.set(name, better(steps.get(name), inOwnProcess(name, count)));
      process.stderr.write(
        `${name}: ${steps.get(name)?.seconds.toFixed(3)} s a step; SGEMM ${rate.toFixed(0)} GFLOP/s\n`,
      );
      if (!peer || step.naive || step.checkpointActivations || !(name in STEP_CASES)) continue;
      const plain = step.kind === "train" ? ["--plain"] : [];
      for (const [kind, flags] of [
        ["published", plain],
        ["tuned", [...plain, "--tuned"]],
      ] as const) {
        const key = `${name} ${kind}`;
        peers.set(key, better(peers.get(key), measurePeer(peer, step.size, flags, count)));
        process.stderr.write(`  peer, ${kind}: ${peers.get(key)?.seconds.toFixed(3)} s a step\n`);
      }
    }
  }
  for (const [name, own] of steps) {
    const naive = steps.get(`${name}-naive`);
    const [published, tuned] = [peers.get(`${name} published`), peers.get(`${name} tuned`)];
    results[name] = {
      ...own,
      fractionOfSgemm: own.flops / own.seconds / 1e9 / rate,
      ...(naive ? { flopsNaive: naive.flops, ratioToNaive: own.seconds / naive.seconds } : {}),
      ...(published && tuned
        ? {
            publishedSeconds: published.seconds,
            ratioToPublished: own.seconds / published.seconds,
            tunedSeconds: tuned.seconds,
            tunedPeakMemoryBytes: tuned.peakMemoryBytes,
            ratioToTuned: own.seconds / tuned.seconds,
          }
        : {}),
    };
  }
  if (cases.includes("grow")) results["grow"] = { ...(await measureGrow(rounds + 1)) };
  if (cases.includes("start-up")) {
    if (process.platform === "linux") results["start-up"] = { ...measureStartUp(20) };
    else process.stderr.write("start-up is measured on Linux only.\n");
  }

  const report = {
    sgemmGflops: rate,
    machine: describeMachine(),
    versions: versions(),
    cases: results,
    targets: TARGETS,
    checks: metricsAgainst(results),
  };
  process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : perfTable(report));
}

endWithReader();
const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    case: { type: "string", multiple: true },
    rounds: { type: "string", default: "2" },
    steps: { type: "string" },
    peer: { type: "string" },
    measure: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const known = [...Object.keys(ALL_STEPS), ...OTHERS];
const unknown = flags.case?.find((name) => !known.includes(name));
const measured = flags.measure === undefined ? undefined : ALL_STEPS[flags.measure];
const isCount = (text: string): boolean => /^[1-9]\d*$/u.test(text);
if (measured) {
  process.stdout.write(JSON.stringify(await measureStep(measured, Number(flags.steps))));
} else if (
  flags.help ||
  unknown !== undefined ||
  !isCount(flags.rounds) ||
  !isCount(flags.steps ?? "1")
) {
  (flags.help ? process.stdout : process.stderr).write(
    unknown === undefined ? HELP : `--case names ${unknown}; choose one of those below.\n${HELP}`,
  );
  process.exitCode = flags.help ? 0 : 2;
} else {
  await measureAll({
    json: flags.json,
    cases: known.filter((name) => flags.case === undefined || flags.case.includes(name)),
    rounds: Number(flags.rounds),
    steps: flags.steps === undefined ? undefined : Number(flags.steps),
    peer: flags.peer?.split(" ").filter(Boolean),
  });
}
