import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { openCheckpoint } from "@ligo/checkpoint";
import { reach, type CurvePoint } from "@ligo/cli";
import { LigoError } from "@ligo/core";
import { createOnnxEngine } from "@ligo/engine";
import { learnableSpecs, type Weights } from "@ligo/train";
import {
  bertConfig,
  bertLayout,
  createArm,
  lastPoint,
  scratchWeights,
  type TrainingSettings,
} from "./arms.js";
import { readCorpus } from "./corpus.js";
import { growModel, type GrowthSettings } from "./growth.js";
import { describeMachine } from "./machine.js";
import type { ModelSize } from "./quickstart-recipe.js";
import { saveModel } from "./save-model.js";

const HELP = `Compare ways to grow: one source, one target, one training recipe, many arms.

npm run sweep -w apps/bench -- --plan <plan.json> --data <text>... --out <results.jsonl> [--tokenizer <tokenizer.json | size>] [--seed <n>]

Results are appended arm by arm; arms that are there already are skipped, so a killed sweep goes on where it was.
`;

/** What a plan file holds. */
interface SweepPlan {
  readonly sequence: number;
  readonly limitTokens?: number;
  readonly heldOut: number;
  readonly small: ModelSize;
  readonly large: ModelSize;
  readonly smallTraining: Omit<TrainingSettings, "seed">;
  readonly training: Omit<TrainingSettings, "seed">;
  /** Without `growth` the arm starts from scratch. */
  readonly arms: readonly {
    readonly name: string;
    readonly growth?: Omit<GrowthSettings, "seed">;
    readonly training?: Partial<TrainingSettings>;
  }[];
}

/** A line of the results. */
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

async function sweep(flags: {
  plan: string;
  data: string[];
  out: string;
  tokenizer: string;
  seed: number;
}): Promise<void> {
  const { out, seed } = flags;
  const plan = JSON.parse(readFileSync(flags.plan, "utf8")) as SweepPlan;
  mkdirSync(dirname(out), { recursive: true });
  const lines = existsSync(out) ? readFileSync(out, "utf8").split("\n").filter(Boolean) : [];
  const known = lines.map((line) => JSON.parse(line) as SweepResult);
  const record = (result: SweepResult): void => {
    appendFileSync(out, `${JSON.stringify(result)}\n`);
    known.push(result);
  };
  const engine = createOnnxEngine();
  const corpus = await readCorpus({
    data: flags.data,
    tokenizer: /^\d+$/u.test(flags.tokenizer) ? Number(flags.tokenizer) : flags.tokenizer,
    sequence: plan.sequence,
    heldOut: plan.heldOut,
    seed: 0,
    ...(plan.limitTokens === undefined ? {} : { limitTokens: plan.limitTokens }),
  });
  note(
    `${corpus.train.count} blocks of ${corpus.sequence} to train on, ${corpus.heldOut.count} held out; ${describeMachine()}`,
  );
  const sizes = { vocabulary: corpus.tokenizer.vocabularySize, positions: corpus.sequence };
  const smallConfig = bertConfig({ ...plan.small, ...sizes });
  const largeConfig = bertConfig({ ...plan.large, ...sizes });

  const trainSource = async (folder: string): Promise<void> => {
    const arm = await createArm({
      engine,
      corpus,
      config: smallConfig,
      weights: scratchWeights(smallConfig, seed),
      settings: { ...plan.smallTraining, seed },
    });
    while (!arm.done) await arm.advance();
    record({ name: "source", seed, curve: arm.curve });
    await saveModel(folder, smallConfig, arm.weights);
    note(`source: ${arm.curve.map(({ step, loss }) => `${step}: ${loss.toFixed(3)}`).join(", ")}`);
  };
  const source = async (): Promise<Weights> => {
    const folder = join(dirname(out), `source-${seed}`);
    if (!existsSync(folder)) await trainSource(folder);
    const checkpoint = await openCheckpoint(folder);
    const weights = new Map<string, Float32Array>();
    for (const name of Object.keys(learnableSpecs(bertLayout(smallConfig)))) {
      weights.set(name, await checkpoint.read(name));
    }
    await checkpoint.close();
    return weights;
  };

  const small = { config: smallConfig, weights: await source() };
  for (const { name, growth: settings, training } of plan.arms) {
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
      engine,
      corpus,
      config: largeConfig,
      weights: growth?.weights ?? scratchWeights(largeConfig, seed + 1),
      settings: { ...plan.training, ...training, seed: seed + 2 },
      ...(growth ? { spent: growth } : {}),
    });
    while (!arm.done) await arm.advance();
    record({
      name,
      seed,
      curve: arm.curve,
      ...(growth
        ? { growth: { flops: growth.flops, seconds: growth.seconds, losses: growth.losses } }
        : {}),
    });
    note(
      summary(
        name,
        arm.curve,
        known.find((other) => other.name === "scratch" && other.seed === seed)?.curve,
      ),
    );
  }
}

/** An arm in one line, with its saving where scratch has been run. */
function summary(
  name: string,
  curve: readonly CurvePoint[],
  scratch: readonly CurvePoint[] | undefined,
): string {
  const line = `${name}: start ${(curve[0] as CurvePoint).loss.toFixed(3)}, end ${lastPoint(curve).loss.toFixed(3)}`;
  if (!scratch) return line;
  const end = lastPoint(scratch);
  const reached = reach(curve, end.loss);
  return `${line}, ${reached ? `saves ${((1 - reached.flops / end.flops) * 100).toFixed(1)} %` : "does not reach scratch"}`;
}

const { values: flags } = parseArgs({
  options: {
    data: { type: "string", multiple: true },
    tokenizer: { type: "string", default: "2048" },
    plan: { type: "string" },
    out: { type: "string" },
    seed: { type: "string", default: "0" },
    help: { type: "boolean", default: false },
  },
});
if (flags.help || !flags.plan || !flags.data || !flags.out || !/^\d+$/u.test(flags.seed)) {
  process.stderr.write(HELP);
  process.exitCode = flags.help ? 0 : 2;
} else {
  const { plan, data, out, tokenizer } = flags;
  try {
    await sweep({ plan, data, out, tokenizer, seed: Number(flags.seed) });
  } catch (error) {
    if (!LigoError.isInstance(error)) throw error;
    note(error.message);
    process.exitCode = 2;
  }
}
