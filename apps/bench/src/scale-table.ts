import {
  checkConfig,
  createPlan,
  estimateFlops,
  growthCosts,
  parameterCount,
  type Layout,
  type Plan,
} from "@ligo/core";
import { gpt2 } from "@ligo/gpt2";
import { elsewhereCosts, type Processes } from "./elsewhere-costs.js";

/** A decoder of GPT-2's kind, by the sizes of Table 2.1 of the GPT-3 paper (Brown et al., 2020). */
interface Decoder {
  readonly layers: number;
  readonly hidden: number;
}

/** A growth, with the batch of a learning step. */
export interface ScaleCase {
  readonly name: string;
  readonly small: Decoder;
  readonly large: Decoder;
  /** Sequences of a step. */
  readonly batch: number;
}

const HEAD = 64;
const VOCABULARY = 50_257;
/** Tokens of a sequence. */
const SEQUENCE = 1024;
/** Steps of learning an operator. */
const STEPS = 100;

/** Sequences that are in memory at once: a larger batch is taken in parts (`--accumulate`). */
const PART = 8;
const PART_WORK = { tokens: PART * SEQUENCE, sequence: SEQUENCE, labelledFraction: 1 };

const [MEDIUM, XL, LARGEST] = [
  { layers: 24, hidden: 1024 },
  { layers: 24, hidden: 2048 },
  { layers: 32, hidden: 4096 },
] as const;

export const SCALE_CASES: readonly ScaleCase[] = [
  { name: "0.35B to 1.3B", small: MEDIUM, large: XL, batch: 32 },
  { name: "the same", small: MEDIUM, large: XL, batch: 512 },
  { name: "1.3B to 6.7B", small: XL, large: LARGEST, batch: 32 },
  { name: "the same", small: XL, large: LARGEST, batch: 512 },
];

/** NVIDIA H200 SXM, from its data sheet: dense tensor-core rates (half of those with sparsity), and memory. */
const H200 = { bfloat16: 989e12, tensorFloat32: 494e12, bytes: 141e9 } as const;
/** Share of the peak rate that a step is taken to reach. */
const UTILISATION = 0.4;

function layoutOf({ layers, hidden }: Decoder): Layout {
  const config = checkConfig(gpt2, {
    model_type: "gpt2",
    n_layer: layers,
    n_embd: hidden,
    n_head: hidden / HEAD,
    n_positions: SEQUENCE,
    vocab_size: VOCABULARY,
  });
  return gpt2.layout(config, "GPT2LMHeadModel");
}

/** Needs of learning the operator of a growth. */
export interface ScaleEstimate {
  readonly parameters: { readonly small: number; readonly large: number };
  readonly learnableValues: number;
  /** Floating-point operations of all steps: planned orders, every weight built, and training the target as often. */
  readonly flops: { readonly planned: number; readonly naive: number; readonly training: number };
  /** Bytes, float32: the state of learning, activations of a part, the state of training the target. */
  readonly memory: { readonly learn: number; readonly activations: number; readonly train: number };
  /** State of learning and activations as a share of an H200's memory. */
  readonly share: number;
  /** Seconds of all steps on one H200. */
  readonly seconds: { readonly bfloat16: number; readonly tensorFloat32: number };
}

const FLOAT_BYTES = 4;
/** Recomputing activations does the forward pass, a third of a step, once more. */
const RECOMPUTED = 4 / 3;

/**
 * Float32 activations of a part with activation checkpointing: the input of every layer; what one layer keeps while it is
 * gone through (Korthikanti et al., 2022, equation 1, without dropout's masks: 16 values of the hidden size a token, and two
 * of every head for every other token); logits and their gradient.
 */
function activationBytes({ layers, hidden }: Decoder): number {
  const layer = 16 * hidden + 2 * (hidden / HEAD) * SEQUENCE;
  return FLOAT_BYTES * PART * SEQUENCE * (layers * hidden + layer + 2 * VOCABULARY);
}

/** Estimates learning an operator with our cost model: shapes only, nothing is allocated. */
export function estimateScale({ small, large, batch }: ScaleCase): ScaleEstimate {
  const [source, target] = [layoutOf(small), layoutOf(large)];
  const costs = growthCosts(createPlan(source, target), "target-layer", PART_WORK);
  const parts = (STEPS * batch) / PART;
  const activations = activationBytes(large);
  const done = RECOMPUTED * parts * costs.flops;
  return {
    parameters: { small: parameterCount(source), large: parameterCount(target) },
    learnableValues: costs.learnableValues,
    flops: {
      planned: parts * costs.flops,
      naive: parts * costs.naiveFlops,
      training: parts * estimateFlops(target, PART_WORK).training,
    },
    memory: { learn: costs.memory.learn, activations, train: costs.memory.train },
    share: (costs.memory.learn + activations) / H200.bytes,
    seconds: {
      bfloat16: done / (UTILISATION * H200.bfloat16),
      tensorFloat32: done / (UTILISATION * H200.tensorFloat32),
    },
  };
}

const billions = (value: number): string => `${(value / 1e9).toPrecision(3)} G`;
const gigabytes = (value: number): string => `${(value / 1e9).toFixed(1)} GB`;
const petaflops = (value: number): string => {
  const amount = value / 1e15;
  return `${amount < 100 ? amount.toPrecision(3) : amount.toFixed(0)} PFLOP`;
};
const duration = (seconds: number): string =>
  seconds < 90
    ? `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`
    : seconds < 5400
      ? `${(seconds / 60).toFixed(1)} min`
      : `${(seconds / 3600).toFixed(1)} h`;

const ROWS: readonly (readonly [string, (estimate: ScaleEstimate) => string])[] = [
  [
    "parameters",
    ({ parameters }) => `${billions(parameters.small)} to ${billions(parameters.large)}`,
  ],
  ["operator, values to learn", ({ learnableValues }) => billions(learnableValues)],
  [`FLOPs of ${STEPS} steps`, ({ flops }) => petaflops(flops.planned)],
  ["... with every weight built first", ({ flops }) => petaflops(flops.naive)],
  [`${STEPS} plain steps of the target`, ({ flops }) => petaflops(flops.training)],
  ["state of learning, float32", ({ memory }) => gigabytes(memory.learn)],
  [`activations of ${PART} sequences`, ({ memory }) => gigabytes(memory.activations)],
  ["both, of one H200", ({ share }) => `${(100 * share).toFixed(0)} %`],
  ["state of training the target", ({ memory }) => gigabytes(memory.train)],
  ["time on one H200, bfloat16", ({ seconds }) => duration(seconds.bfloat16)],
  ["time on one H200, TF32", ({ seconds }) => duration(seconds.tensorFloat32)],
];

/** The estimates as a Markdown table, cells padded as the formatter pads them. */
export function scaleTable(): string {
  const estimates = SCALE_CASES.map(estimateScale);
  const batches = SCALE_CASES.map(({ batch }) => `${batch} x ${SEQUENCE}`);
  return markdownTable([
    ["", ...SCALE_CASES.map(({ name }) => name)],
    ["batch of a step", ...batches],
    ...ROWS.map(([title, show]) => [title, ...estimates.map(show)]),
  ]);
}

/** GPUs that learn by examples/learn-operator.py. */
interface GpuCase {
  readonly gpus: number;
  readonly shard: boolean;
  /** Bytes that a GPU sends in a second, by data sheets. */
  readonly bandwidth: number;
}

/** NVLink of one H200, one way; and eight ports of 400 Gbit/s for a node of eight. */
const [NVLINK, NETWORK] = [450e9, 50e9];

const GPU_CASES: readonly GpuCase[] = [
  { gpus: 1, shard: false, bandwidth: NVLINK },
  { gpus: 8, shard: false, bandwidth: NVLINK },
  { gpus: 8, shard: true, bandwidth: NVLINK },
  { gpus: 64, shard: false, bandwidth: NETWORK },
  { gpus: 64, shard: true, bandwidth: NETWORK },
];

/** Needs of one GPU of many that learn the operator of 1.3B to 6.7B parameters, by batches of 512 sequences. */
interface GpuEstimate {
  readonly sequences: number;
  readonly parts: number;
  /** Bytes: what stays, what the largest layer needs while it is built, and activations of a part. */
  readonly memory: { readonly state: number; readonly layer: number; readonly activations: number };
  /** Floating-point operations and bytes sent of a step. */
  readonly flops: number;
  readonly sent: number;
  /** Seconds of a step. */
  readonly seconds: { readonly computing: number; readonly sending: number };
}

/** The growth that is learned on them. */
const GROWTH = { small: XL, large: LARGEST, batch: 512 } as const;

/** Estimates the script's needs: every weight is built, once more for the backward pass, on every GPU for its own sequences. */
function estimateGpu(
  { bandwidth, gpus, shard }: GpuCase,
  plan: Plan,
  partFlops: number,
): GpuEstimate {
  const sequences = GROWTH.batch / gpus;
  const parts = sequences / PART;
  const processes: Processes = { count: gpus, shard, parts };
  const { layer, sent, state } = elsewhereCosts(plan, "target-layer", processes);
  const flops = RECOMPUTED * parts * partFlops;
  return {
    sequences,
    parts,
    memory: { state, layer, activations: activationBytes(GROWTH.large) },
    flops,
    sent,
    seconds: { computing: flops / (UTILISATION * H200.bfloat16), sending: sent / bandwidth },
  };
}

const wholeMemory = ({ memory }: GpuEstimate): number =>
  memory.state + memory.layer + memory.activations;

const GPU_ROWS: readonly (readonly [string, (estimate: GpuEstimate) => string])[] = [
  [
    "sequences of a GPU",
    ({ parts, sequences }) => (parts === 1 ? `${sequences}` : `${sequences} in ${parts} parts`),
  ],
  ["source, operator, gradients, moments", ({ memory }) => gigabytes(memory.state)],
  ["the layer that is built", ({ memory }) => gigabytes(memory.layer)],
  [`activations of ${PART} sequences`, ({ memory }) => gigabytes(memory.activations)],
  [
    "all, of one H200",
    (estimate) => `${((100 * wholeMemory(estimate)) / H200.bytes).toFixed(0)} %`,
  ],
  ["FLOPs of a GPU in a step", ({ flops }) => petaflops(flops)],
  ["sent by a GPU in a step", ({ sent }) => gigabytes(sent)],
  ["a step: computing, bfloat16", ({ seconds }) => duration(seconds.computing)],
  ["a step: sending", ({ seconds }) => duration(seconds.sending)],
];

/** Needs of one GPU of 1, 8 and 64 as a Markdown table. */
export function gpuTable(): string {
  const plan = createPlan(layoutOf(GROWTH.small), layoutOf(GROWTH.large));
  const { naiveFlops } = growthCosts(plan, "target-layer", PART_WORK);
  const estimates = GPU_CASES.map((one) => estimateGpu(one, plan, naiveFlops));
  const titles = GPU_CASES.map(
    ({ gpus, shard }) => `${gpus} ${gpus === 1 ? "GPU" : "GPUs"}${shard ? ", `--shard`" : ""}`,
  );
  return markdownTable([
    ["", ...titles],
    ...GPU_ROWS.map(([title, show]) => [title, ...estimates.map(show)]),
  ]);
}

function markdownTable(cells: readonly (readonly string[])[]): string {
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  const [head = [], ...rest] = cells;
  return [line(head), rule, ...rest.map(line)].join("\n");
}
