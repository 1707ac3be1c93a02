import { execFileSync } from "node:child_process";
import type { PerfSize, StepCase } from "./perf-cases.js";

/** A way in which a peer takes its steps. */
export interface PeerWay {
  /** Metrics are named by it: `ratioToTuned`, `tunedSeconds`. */
  readonly metric: string;
  readonly title: string;
  /** Whether it has fused attention and logits for labelled positions only; else the order of LiGO's published code. */
  readonly tuned: boolean;
  /** Whether its libraries choose their kernels as they are shipped; else it is asked for all that the processor can run. */
  readonly shipped: boolean;
}

export const PEER_WAYS: Readonly<Record<string, PeerWay>> = {
  published: { metric: "Published", title: "peer, published", tuned: false, shipped: false },
  tuned: { metric: "Tuned", title: "peer, tuned", tuned: true, shipped: false },
  "published-as-shipped": {
    metric: "PublishedAsShipped",
    title: "published, as shipped",
    tuned: false,
    shipped: true,
  },
  "tuned-as-shipped": {
    metric: "TunedAsShipped",
    title: "tuned, as shipped",
    tuned: true,
    shipped: true,
  },
};

/** Steps of a peer. */
export interface PeerMeasurement {
  /** The fastest step. */
  readonly seconds: number;
  readonly peakMemoryBytes: number;
  /** What the peer says of itself: version, kernels. */
  readonly about: Readonly<Record<string, string>>;
}

/**
 * Environment variable that asks a peer to leave its libraries' kernels as they are shipped: Intel's MKL, for one, keeps those for
 * AVX-512 from processors of others, at half the rate.
 */
const KERNELS = "LIGO_PEER_KERNELS";
const AS_SHIPPED = "as shipped";

/**
 * Times a peer: `command` is a program and its arguments. It takes the shapes as `--l1 --d1 --l2 --d2 --B --T --V`, with `--tuned`
 * and `--plain` (a training step), and prints one JSON line with `best` (seconds) and `peak_gb`, and what it says of itself as text
 * (`torch`, `kernels`).
 */
export function measurePeer(
  command: readonly string[],
  { kind, size }: StepCase,
  way: PeerWay,
  steps: number,
): PeerMeasurement {
  const [program = "", ...args] = command;
  const flags = [...(kind === "train" ? ["--plain"] : []), ...(way.tuned ? ["--tuned"] : [])];
  const line = execFileSync(program, [...args, ...shapeFlags(size, steps), ...flags], {
    encoding: "utf8",
    env: { ...process.env, [KERNELS]: way.shipped ? AS_SHIPPED : undefined },
  });
  const {
    best,
    peak_gb: memory,
    ...others
  } = JSON.parse(line) as { best: number; peak_gb: number };
  const about = Object.entries<unknown>(others).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return { seconds: best, peakMemoryBytes: memory * 1e9, about: Object.fromEntries(about) };
}

function shapeFlags(size: PerfSize, steps: number): readonly string[] {
  const shape = {
    l1: size.small.layers,
    d1: size.small.hidden,
    l2: size.large.layers,
    d2: size.large.hidden,
    B: size.batch,
    T: size.sequence,
    V: size.vocabulary,
    steps: steps + 1,
  };
  return Object.entries(shape).flatMap(([name, value]) => [`--${name}`, String(value)]);
}
