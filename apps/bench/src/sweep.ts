import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import type { LigoOptions } from "@ligo/core";
import { openCheckpoint, writeCheckpoint, writeOutputFolder } from "@ligo/checkpoint";
import { createOnnxEngine } from "@ligo/engine";
import { initialWeights, type Weights } from "@ligo/train";
import { expandLayout, isOwned } from "@ligo/core";
import {
  bertConfig,
  bertLayout,
  createArm,
  reach,
  type CurvePoint,
  type TrainingSettings,
} from "./arms.js";
import { readCorpus } from "./corpus.js";
import { growModel, type GrowthSettings } from "./growth.js";

const { values: flags } = parseArgs({
  options: {
    data: { type: "string", multiple: true },
    tokenizer: { type: "string", default: "2048" },
    plan: { type: "string" },
    out: { type: "string" },
    seed: { type: "string", default: "0" },
  },
});

/** What a sweep file holds: one source, one target, one training recipe, and the ways to grow that are compared. */
interface SweepPlan {
  readonly sequence: number;
  readonly limitTokens?: number;
  readonly heldOut: number;
  readonly small: { readonly layers: number; readonly hidden: number; readonly heads: number };
  readonly large: { readonly layers: number; readonly hidden: number; readonly heads: number };
  readonly smallTraining: Omit<TrainingSettings, "seed">;
  readonly training: Omit<TrainingSettings, "seed">;
  readonly arms: readonly {
    readonly name: string;
    readonly growth?: Omit<GrowthSettings, "seed"> & { readonly start?: LigoOptions };
    readonly training?: Partial<TrainingSettings>;
  }[];
}

interface SweepResult {
  readonly name: string;
  readonly seed: number;
  readonly curve: readonly CurvePoint[];
  readonly growth?: {
    readonly flops: number;
    readonly seconds: number;
    readonly losses: readonly number[];
  };
}

const note = (text: string): void => void process.stderr.write(`${text}\n`);
const seed = Number(flags.seed);
const sweep = JSON.parse(readFileSync(flags.plan as string, "utf8")) as SweepPlan;
const out = flags.out as string;
mkdirSync(dirname(out), { recursive: true });
const known: SweepResult[] = existsSync(out)
  ? readFileSync(out, "utf8")
      .trim()
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as SweepResult)
  : [];
const engine = createOnnxEngine();
const corpus = await readCorpus({
  data: flags.data as string[],
  tokenizer: /^\d+$/u.test(flags.tokenizer) ? Number(flags.tokenizer) : flags.tokenizer,
  sequence: sweep.sequence,
  heldOut: sweep.heldOut,
  seed: 0,
  ...(sweep.limitTokens === undefined ? {} : { limitTokens: sweep.limitTokens }),
});
note(
  `${corpus.train.count} blocks of ${corpus.sequence} to train on, ${corpus.heldOut.count} held out; ${cpus()[0]?.model}`,
);
const sizes = { vocabulary: corpus.tokenizer.vocabularySize, positions: corpus.sequence };
const smallConfig = bertConfig({ ...sweep.small, ...sizes });
const largeConfig = bertConfig({ ...sweep.large, ...sizes });

async function smallModel(): Promise<Weights> {
  const folder = join(dirname(out), `source-${seed}`);
  const layout = bertLayout(smallConfig);
  const tensors = expandLayout(layout).filter(({ parameter }) => isOwned(parameter));
  if (!existsSync(folder)) {
    const arm = await createArm({
      name: "source",
      engine,
      corpus,
      config: smallConfig,
      weights: initialWeights(layout, { seed, deviation: 0.02 }),
      settings: { ...sweep.smallTraining, seed },
    });
    while (!arm.done) await arm.advance();
    note(`source: ${arm.curve.map(({ step, loss }) => `${step}: ${loss.toFixed(3)}`).join(", ")}`);
    appendFileSync(out, `${JSON.stringify({ name: "source", seed, curve: arm.curve })}\n`);
    await writeOutputFolder(folder, (temporary) =>
      writeCheckpoint(temporary, {
        config: smallConfig,
        tensors: tensors.map(({ name, shape }) => ({
          name,
          shape,
          data: async () => arm.weights.get(name) as Float32Array,
        })),
        dtype: "F32",
      }),
    );
  }
  const checkpoint = await openCheckpoint(folder);
  const weights = new Map<string, Float32Array>();
  for (const { name } of tensors) weights.set(name, await checkpoint.read(name));
  await checkpoint.close();
  return weights;
}

const small = { config: smallConfig, weights: await smallModel() };
for (const { name, growth: settings, training } of sweep.arms) {
  if (known.some((result) => result.name === name && result.seed === seed)) continue;
  const growth = settings
    ? await growModel({
        engine,
        corpus,
        small,
        large: largeConfig,
        settings: { ...settings, seed },
      })
    : undefined;
  const arm = await createArm({
    name,
    engine,
    corpus,
    config: largeConfig,
    weights:
      growth?.weights ??
      initialWeights(bertLayout(largeConfig), { seed: seed + 1, deviation: 0.02 }),
    settings: { ...sweep.training, ...training, seed: seed + 2 },
    ...(growth ? { spent: { flops: growth.flops, seconds: growth.seconds } } : {}),
  });
  while (!arm.done) await arm.advance();
  const result: SweepResult = {
    name,
    seed,
    curve: arm.curve,
    ...(growth
      ? { growth: { flops: growth.flops, seconds: growth.seconds, losses: growth.losses } }
      : {}),
  };
  appendFileSync(out, `${JSON.stringify(result)}\n`);
  known.push(result);
  const scratch = known.find((other) => other.name === "scratch" && other.seed === seed)?.curve;
  const end = scratch?.at(-1);
  const reached = end && reach(arm.curve, end.loss);
  note(
    `${name}: start ${arm.curve[0]?.loss.toFixed(3)}, end ${arm.curve.at(-1)?.loss.toFixed(3)}${
      end
        ? `, saves ${reached ? `${((1 - reached.flops / end.flops) * 100).toFixed(1)} %` : "nothing"}`
        : ""
    } (${arm.curve.at(-1)?.seconds.toFixed(0)} s)`,
  );
}
