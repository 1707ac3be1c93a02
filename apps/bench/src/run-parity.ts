import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { writeSafetensors } from "@ligo/checkpoint";
import { evaluate } from "@ligo/sdk";
import { readMetrics } from "@ligo/sdk/runs";
import { openTrainingTask } from "@ligo/sdk/tasks";
import { LIGO } from "./ligo-command.js";
import { PARITY, type ParityCase } from "./parity-recipe.js";
import type { Curve } from "./parity-compare.js";

const script = fileURLToPath(new URL("../../../tooling/fixtures/train-torch.py", import.meta.url));
const run = promisify(execFile);

/** A case with its starting weights and batches on disk. */
export interface PreparedCase {
  readonly folder: string;
  readonly recipe: ParityCase;
  readonly data: readonly string[];
  readonly python: string;
  readonly threads: number;
}

/** A training and how long each step took. */
export interface TimedCurve extends Curve {
  readonly seconds: readonly number[];
}

const initial = ({ folder }: PreparedCase): string => join(folder, "initial");
const batchesOf = ({ folder }: PreparedCase): string => join(folder, "batches.safetensors");

/** Writes the starting weights, by transformers, and the batches of `ligo train`. What is there already is kept. */
export async function prepareCase(
  prepared: PreparedCase,
  tokenizers: string | undefined,
): Promise<void> {
  const { data, folder, recipe } = prepared;
  if (existsSync(batchesOf(prepared))) return;
  await mkdir(folder, { recursive: true });
  const config = join(folder, "config.json");
  await writeFile(config, JSON.stringify(withLabels(recipe.config)));
  const seed = String(PARITY.seed);
  const init = [script, "init", "--config", config, "--seed", seed, "--out", initial(prepared)];
  await run(prepared.python, init);
  if (recipe.tokenizer !== undefined && tokenizers !== undefined) {
    await cp(join(tokenizers, recipe.tokenizer), initial(prepared), { recursive: true });
  }
  const task = await openTrainingTask(initial(prepared), {
    data,
    batch: recipe.batch,
    sequence: PARITY.sequence,
    seed: PARITY.seed,
  });
  // mixed labels are what labels say where nothing is mixed
  const names = Object.keys(task.specs).filter((name) => name !== "label_distribution");
  const steps: Awaited<ReturnType<typeof task.batch>>[] = [];
  for (let step = 0; step < PARITY.steps; step++) steps.push(await task.batch(step));
  await writeSafetensors(
    batchesOf(prepared),
    names.map((name) => ({
      name,
      shape: [steps.length, ...(task.specs[name]?.shape ?? [])],
      data: () => joined(steps.map((batch) => batch[name] as Float32Array | Int32Array)),
    })),
  );
}

/** Names of the ten classes, as a config of an image classifier has them. */
function withLabels(config: ParityCase["config"]): ParityCase["config"] {
  if (config["model_type"] !== "vit") return config;
  const names = "airplane automobile bird cat deer dog frog horse ship truck".split(" ");
  const pairs = names.map((name, index): [string, number] => [name, index]);
  return {
    ...config,
    id2label: Object.fromEntries(names.entries()),
    label2id: Object.fromEntries(pairs),
  };
}

function joined(parts: readonly (Float32Array | Int32Array)[]): Float32Array | Int32Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const all = parts[0] instanceof Int32Array ? new Int32Array(length) : new Float32Array(length);
  let start = 0;
  for (const part of parts) {
    all.set(part, start);
    start += part.length;
  }
  return all;
}

/** Trains by `ligo train`. */
export async function trainOurs(prepared: PreparedCase, steps: number): Promise<TimedCurve> {
  const { data, folder, recipe } = prepared;
  const out = join(folder, "ours");
  await rm(out, { recursive: true, force: true });
  const settings = {
    steps,
    batch: recipe.batch,
    seq: PARITY.sequence,
    lr: recipe.learningRate,
    warmup: PARITY.warmup,
    "weight-decay": PARITY.weightDecay,
    clip: PARITY.clip,
    seed: PARITY.seed,
    engine: "onnx",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const argv = ["train", initial(prepared), "--data", ...data, "--out", out, "--quiet"];
  await run(process.execPath, [LIGO, ...argv, ...flags]);
  const metrics = (await readMetrics(out)).filter((line) => "learning_rate" in line);
  return {
    losses: metrics.map(({ loss }) => loss),
    gradientNorms: metrics.map((line) => line.gradient_norm ?? Number.NaN),
    seconds: metrics.map((line, index) => line.seconds - (metrics[index - 1]?.seconds ?? 0)),
  };
}

/** Output of `train-torch.py`. */
interface TorchResult {
  readonly versions: Readonly<Record<string, string>>;
  readonly losses: readonly number[];
  readonly gradient_norms: readonly number[];
  readonly seconds: readonly number[];
}

/** Trains by PyTorch; the trained model is kept in `theirs` where `save` says so. */
export async function trainTheirs(
  prepared: PreparedCase,
  steps: number,
  flags: readonly string[],
  save = false,
): Promise<TimedCurve & { readonly versions: Readonly<Record<string, string>> }> {
  const out = join(prepared.folder, "theirs.json");
  const settings = {
    model: initial(prepared),
    batches: batchesOf(prepared),
    steps,
    lr: prepared.recipe.learningRate,
    warmup: PARITY.warmup,
    "weight-decay": PARITY.weightDecay,
    clip: PARITY.clip,
    threads: prepared.threads,
    out,
    ...(save ? { save: join(prepared.folder, "theirs") } : {}),
  };
  const given = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  await run(prepared.python, [script, "train", ...given, ...flags]);
  const { gradient_norms: gradientNorms, ...found } = JSON.parse(
    await readFile(out, "utf8"),
  ) as TorchResult;
  return { ...found, gradientNorms };
}

/** Held-out loss of the model that one of the two sides trained. */
export async function heldOutLoss(
  prepared: PreparedCase,
  side: "ours" | "theirs",
): Promise<number> {
  const { data, folder, recipe } = prepared;
  const { loss } = await evaluate(join(folder, side), {
    data,
    batch: recipe.batch,
    sequence: PARITY.sequence,
    ...(recipe.tokenizer === undefined ? {} : { tokenizer: initial(prepared) }),
  });
  return loss;
}
