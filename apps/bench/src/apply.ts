import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { writeCheckpoint, writeSafetensors } from "@ligo/checkpoint";
import {
  checkConfig,
  createPlan,
  createRandom,
  elementCount,
  encodeOperator,
  methodNamed,
  parameterCount,
  type Layout,
  type Operator,
  type Random,
} from "@ligo/core";
import { writtenTensors } from "@ligo/core/layout";
import { llama } from "@ligo/llama";
import { formatBytes, formatCount } from "@ligo/report";
import { readFlags } from "./read-flags.js";

const HELP = `Grows a synthetic Llama of 1.1B parameters in 40 shards to 7B by an operator whose entries are all used, in bfloat16, and
measures memory and time. Takes 17 GB of disk, which are freed again.

Options:
  --out <folder>  folder to work in
  --small         the same at a hundredth of the size, to try it
`;

const flags = readFlags(
  {
    options: {
      out: { type: "string" },
      small: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  },
  HELP,
);
if (flags.help || flags.out === undefined) {
  process.stdout.write(HELP);
  process.exit(flags.help ? 0 : 2);
}

const [SHARDS, DEVIATION] = [40, 0.02];
const divisor = flags.small ? 8 : 1;

const configOf = (width: number, layers: number, inner: number): Record<string, unknown> => ({
  model_type: "llama",
  architectures: ["LlamaForCausalLM"],
  hidden_size: width / divisor,
  num_hidden_layers: layers,
  num_attention_heads: width / 64 / (divisor === 1 ? 1 : 4),
  num_key_value_heads: width / 512 / (divisor === 1 ? 1 : 4),
  intermediate_size: inner / divisor,
  vocab_size: 32_000 / divisor,
  max_position_embeddings: 2048,
  tie_word_embeddings: false,
});

const layoutOf = (config: Record<string, unknown>): Layout =>
  llama.layout(checkConfig(llama, config), "LlamaForCausalLM");

const normal = (random: Random, size: number): Float32Array => {
  // uniform numbers of the same deviation: they are as large, and take a tenth of the time
  const half = DEVIATION * Math.sqrt(3);
  return Float32Array.from({ length: size }, () => half * (2 * random.uniform() - 1));
};

async function writeSource(folder: string, config: Record<string, unknown>): Promise<void> {
  const layout = layoutOf(config);
  const random = createRandom(1);
  await writeCheckpoint(folder, {
    config,
    dtype: "BF16",
    maxShardBytes: Math.ceil((2 * parameterCount(layout)) / SHARDS),
    tensors: writtenTensors(layout).map(({ name, shape }) => ({
      name,
      shape,
      data: () => normal(random, elementCount(shape)),
    })),
  });
}

/** Where `ligo` starts, with numbers in every place as learning puts them there. */
function denseOperator(small: Layout, large: Layout): Operator {
  const random = createRandom(2);
  const plan = createPlan(small, large);
  const start = methodNamed("ligo").operator(plan, {
    random,
    options: { form: "model", perturbation: 0 },
  });
  const tensors = [...start.tensors].map(([name, { columns, data, rows }]) => {
    const isMap = !name.startsWith("depth.");
    // the identity of [I; C] stays
    const kept = isMap && rows > columns ? columns * columns : 0;
    const noise = isMap ? 1 / columns : 1 / rows;
    const filled = data.map((value, index) =>
      index < kept ? value : value + noise * (random.uniform() - 0.5),
    );
    return [name, { rows, columns, data: filled }] as const;
  });
  return { ...start, tensors: new Map(tensors) };
}

const work = join(flags.out, "synthetic-llama");
const [small, large] = [configOf(2048, 22, 5632), configOf(4096, 32, 13_312)];
const [from, to] = [layoutOf(small), layoutOf(large)];
mkdirSync(work, { recursive: true });
try {
  await writeSource(join(work, "small"), small);
  const file = join(work, "operator.safetensors");
  const { metadata, tensors } = encodeOperator(denseOperator(from, to));
  await writeSafetensors(
    file,
    [...tensors].map(([name, { columns, data, rows }]) => ({
      name,
      shape: [rows, columns],
      data: () => data,
    })),
    { metadata },
  );
  // growing has a process of its own, so that its memory is not that of the preparation
  const cli = new URL("../../../packages/cli/bin/ligo.cjs", import.meta.url).pathname;
  const line = ["grow", join(work, "small"), "--to", JSON.stringify(large), "--operator", file];
  const said = execFileSync(
    process.execPath,
    [cli, ...line, "--out", join(work, "large"), "--json"],
    {
      encoding: "utf8",
      maxBuffer: 2 ** 28,
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const {
    bytes,
    peak_memory_bytes: peak,
    seconds,
  } = JSON.parse(said) as {
    readonly bytes: number;
    readonly peak_memory_bytes: number;
    readonly seconds: Readonly<Record<string, number>>;
  };
  const whole = Object.values(seconds).reduce((sum, one) => sum + one, 0);
  const disk = await writtenPerSecond(join(work, "disk"), Math.min(bytes, 1e9));
  process.stdout.write(
    [
      `${cpus()[0]?.model ?? "?"}, ${availableParallelism()} cores, node ${process.version}`,
      `parameters   ${formatCount(parameterCount(from))} in ${SHARDS} shards to ${formatCount(parameterCount(to))}, bfloat16`,
      `time         ${whole.toFixed(0)} s: ${Object.entries(seconds)
        .map(([name, value]) => `${name} ${value.toFixed(0)} s`)
        .join(", ")}`,
      `the disk     ${formatBytes(disk)} a second: ${(bytes / disk).toFixed(0)} s to write ${formatBytes(bytes)} alone`,
      `peak memory  ${formatBytes(peak)}`,
      "",
    ].join("\n"),
  );
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** Bytes that are written and synced in a second. */
async function writtenPerSecond(file: string, bytes: number): Promise<number> {
  const data = new Float32Array(Math.ceil(bytes / 4)).fill(1.5);
  const started = performance.now();
  await writeSafetensors(file, [{ name: "x", shape: [data.length], data: () => data }]);
  return (1000 * bytes) / (performance.now() - started);
}
