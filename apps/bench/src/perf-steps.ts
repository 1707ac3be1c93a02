import { execFileSync } from "node:child_process";
import type { MeasureOnce } from "./kept-measurements.js";
import {
  LARGE_CASES,
  SCALING_CASES,
  STEP_CASES,
  type StepCase,
  type StepMeasurement,
} from "./perf-cases.js";
import { measurePeer, PEER_WAYS, type PeerMeasurement } from "./perf-peer.js";
import { sgemmGflops } from "./perf-sgemm.js";
import type { Precision } from "@ligo/engine";
import { loadEngine, type OwnEngineName } from "@ligo/sdk/models";
import type { CaseMetrics } from "./perf-targets.js";

export const ALL_STEPS: Readonly<Record<string, StepCase>> = {
  ...STEP_CASES,
  ...SCALING_CASES,
  ...LARGE_CASES,
};

export interface StepRuns {
  readonly cases: readonly string[];
  /** Times each case is run, all in turn; the fastest counts. */
  readonly rounds: number;
  /** Steps timed in each round. Default 14, of base sizes 6. */
  readonly steps: number | undefined;
  /** Another implementation of the steps, a program and its arguments, and the ways in which it takes them. */
  readonly peer: { readonly command: readonly string[]; readonly ways: readonly string[] };
  readonly engine: OwnEngineName;
  readonly precision: Precision;
}

export interface StepResults {
  readonly sgemmGflops: number;
  readonly cases: Readonly<Record<string, CaseMetrics>>;
  /** What the peer says of itself, by its way. */
  readonly peers: Readonly<Record<string, PeerMeasurement["about"]>>;
}

/** Runs one step case in a fresh process of this program, so that its peak memory is its own. */
function inOwnProcess(
  name: string,
  steps: number,
  { engine, precision }: Pick<StepRuns, "engine" | "precision">,
): StepMeasurement {
  const script = process.argv[1] ?? "";
  const computing = ["--engine", engine, "--precision", precision];
  const args = [script, "--measure", name, "--steps", String(steps), ...computing];
  const text = execFileSync(process.execPath, args, { encoding: "utf8" });
  return JSON.parse(text) as StepMeasurement;
}

const defaultSteps = (name: string): number =>
  name.includes("base") || name in LARGE_CASES ? 6 : 14;

/** The fastest of two measurements of one thing, with the higher of both peaks. */
function better<M extends { seconds: number; peakMemoryBytes: number }>(
  known: M | undefined,
  next: M,
): M {
  if (!known) return next;
  const best = next.seconds < known.seconds ? next : known;
  return { ...best, peakMemoryBytes: Math.max(known.peakMemoryBytes, next.peakMemoryBytes) };
}

/** Whether a peer is timed beside a case: it knows the two steps as they are. */
const hasPeer = (name: string, step: StepCase): boolean =>
  name in STEP_CASES && step.naive !== true && step.checkpointActivations !== true;

/** Times all cases in turn, each with its peers. */
export async function measureSteps(
  { cases, rounds, steps: asked, peer, engine, precision }: StepRuns,
  once: MeasureOnce,
): Promise<StepResults> {
  let rate = 0;
  const computing = { engine: await loadEngine(engine), precision };
  const steps = new Map<string, StepMeasurement>();
  const peers = new Map<string, PeerMeasurement>();
  const known = cases.filter((name) => name in ALL_STEPS);
  for (let round = 0; round < rounds; round++) {
    for (const name of known) {
      const step = ALL_STEPS[name] as StepCase;
      const count = asked ?? defaultSteps(name);
      const other = engine === "onnx" && precision === "f32" ? "" : ` ${engine} ${precision}`;
      const key = (what: string): string => `${round} ${name} ${count} ${what}${other}`;
      rate = Math.max(rate, await once(key("SGEMM"), () => sgemmGflops(computing)));
      const next = await once(key("step"), () => inOwnProcess(name, count, { engine, precision }));
      const best = better(steps.get(name), next);
      steps.set(name, best);
      process.stderr.write(
        `${name}: ${best.seconds.toFixed(3)} s a step; SGEMM ${rate.toFixed(0)} GFLOP/s\n`,
      );
      for (const [way, kind] of hasPeer(name, step) ? waysOf(peer) : []) {
        const timed = await once(key(way), () => measurePeer(peer.command, step, kind, count));
        const fastest = better(peers.get(`${name} ${way}`), timed);
        peers.set(`${name} ${way}`, fastest);
        process.stderr.write(`  ${kind.title}: ${fastest.seconds.toFixed(3)} s a step\n`);
      }
    }
  }
  const about = Object.keys(PEER_WAYS).flatMap((way) => {
    const [name] = known.filter((one) => peers.has(`${one} ${way}`));
    return name === undefined ? [] : [[way, peers.get(`${name} ${way}`)?.about] as const];
  });
  return {
    sgemmGflops: rate,
    cases: Object.fromEntries(
      [...steps].map(([name, own]) => [name, metricsOf(name, own, { rate, steps, peers })]),
    ),
    peers: Object.fromEntries(about) as StepResults["peers"],
  };
}

const waysOf = ({ command, ways }: StepRuns["peer"]): [string, (typeof PEER_WAYS)[string]][] =>
  command.length === 0 ? [] : Object.entries(PEER_WAYS).filter(([way]) => ways.includes(way));

function metricsOf(
  name: string,
  own: StepMeasurement,
  {
    rate,
    steps,
    peers,
  }: {
    readonly rate: number;
    readonly steps: ReadonlyMap<string, StepMeasurement>;
    readonly peers: ReadonlyMap<string, PeerMeasurement>;
  },
): CaseMetrics {
  const naive = steps.get(`${name}-naive`);
  const compared = Object.entries(PEER_WAYS).flatMap(([way, { metric }]) => {
    const peer = peers.get(`${name} ${way}`);
    if (peer === undefined) return [];
    const prefix = metric[0]?.toLowerCase() + metric.slice(1);
    return [
      [`${prefix}Seconds`, peer.seconds],
      [`${prefix}PeakMemoryBytes`, peer.peakMemoryBytes],
      [`ratioTo${metric}`, own.seconds / peer.seconds],
    ] as const;
  });
  return {
    ...own,
    fractionOfSgemm: own.flops / own.seconds / 1e9 / rate,
    ...(naive ? { flopsNaive: naive.flops, ratioToNaive: own.seconds / naive.seconds } : {}),
    ...Object.fromEntries(compared),
  };
}
