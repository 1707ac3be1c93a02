import { mkdir, rm, writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type { BertConfig } from "@ligo/bert";
import { expandLayout, isOwned, LigoError } from "@ligo/core";
import { writeCheckpoint, writeOutputFolder } from "@ligo/checkpoint";
import { writeTokenizer, trainWordPiece } from "@ligo/data";
import { createOnnxEngine } from "@ligo/engine";
import { initialWeights, type Weights } from "@ligo/train";
import { bertConfig, bertLayout, createArm, heldOutLoss, reach, type Arm } from "./arms.js";
import { corpusTexts, createCorpus } from "./corpus.js";
import { growModel } from "./growth.js";
import {
  GROWTH,
  LARGE,
  LARGE_TRAINING,
  SEQUENCE,
  SMALL,
  SMALL_TRAINING,
  VOCABULARY,
} from "./quickstart-recipe.js";
import { renderReport } from "./report.js";

const HELP = `Grow a BERT with LiGO and see what it saves, in a few minutes on a CPU.

npm run quickstart -- [--data <file|folder|glob>...] [--out <folder>] [--seed N]

  --data   text to learn from (default: the documentation in node_modules)
  --out    where checkpoints and report.html go (default: quickstart)
  --seed   seed of everything random (default: 0)
`;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const tera = (flops: number): string => (flops / 1e12).toFixed(2);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** A line that is rewritten on a terminal, and written about every tenth elsewhere. */
function progress(total: number): (step: number, text: string) => void {
  let last = -1;
  return (step, text) => {
    const line = `  ${String(step).padStart(String(total).length)}/${total}  ${text}`;
    if (process.stdout.isTTY)
      process.stdout.write(`\r\u001B[K${line}${step === total ? "\n" : ""}`);
    else if (Math.floor((step * 10) / total) > last) {
      last = Math.floor((step * 10) / total);
      say(line);
    }
  };
}

async function save(
  folder: string,
  config: BertConfig,
  weights: Weights,
  tokenizer: ReturnType<typeof trainWordPiece>,
): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  const tensors = expandLayout(bertLayout(config))
    .filter(({ parameter }) => isOwned(parameter))
    .map(({ name, shape }) => ({
      name,
      shape,
      data: async () => weights.get(name) as Float32Array,
    }));
  await writeOutputFolder(folder, async (temporary) => {
    await writeCheckpoint(temporary, { config, tensors, dtype: "F32" });
    await writeTokenizer(tokenizer, temporary);
  });
}

const last = (arm: Arm): Arm["curve"][number] => arm.curve.at(-1) as Arm["curve"][number];

async function quickstart(): Promise<void> {
  const { values: flags } = parseArgs({
    options: {
      data: { type: "string", multiple: true },
      out: { type: "string", default: "quickstart" },
      seed: { type: "string", default: "0" },
      help: { type: "boolean", default: false },
    },
    allowPositionals: false,
  });
  if (flags.help) return say(HELP);
  const started = performance.now();
  const from = process.env["INIT_CWD"] ?? process.cwd();
  const out = resolve(from, flags.out);
  const seed = Number(flags.seed);
  const engine = createOnnxEngine();

  const documentation = fileURLToPath(new URL("../../../node_modules", import.meta.url));
  const data = flags.data?.map((pattern) => resolve(from, pattern)) ?? [documentation];
  say(`Reading ${flags.data ? flags.data.join(", ") : "the documentation in node_modules"} ...`);
  // LiGO's own packages are linked into node_modules; their READMEs change with every version
  const texts = await corpusTexts(data, flags.data ? undefined : join("node_modules", "@ligo"));
  const tokenizer = trainWordPiece(texts, { vocabularySize: VOCABULARY });
  const corpus = await createCorpus(texts, tokenizer, { sequence: SEQUENCE, heldOut: 128, seed });
  say(
    `  ${(corpus.train.tokens.length / 1e6).toFixed(2)} M tokens, ${corpus.tokenizer.vocabularySize} word pieces, ${corpus.heldOut.count} blocks of ${SEQUENCE} held out`,
  );
  const sizes = { vocabulary: corpus.tokenizer.vocabularySize, positions: SEQUENCE };
  const [smallConfig, largeConfig] = [
    bertConfig({ ...SMALL, ...sizes }),
    bertConfig({ ...LARGE, ...sizes }),
  ];

  say(`\n1. Train a small BERT: ${SMALL.layers} layers x ${SMALL.hidden}`);
  const small = await createArm({
    name: "small",
    engine,
    corpus,
    config: smallConfig,
    weights: initialWeights(bertLayout(smallConfig), {
      seed,
      deviation: smallConfig.initializer_range,
    }),
    settings: { ...SMALL_TRAINING, seed },
  });
  const smallProgress = progress(SMALL_TRAINING.steps);
  for (let step = 1; !small.done; step++) {
    await small.advance();
    smallProgress(step, `held-out loss ${last(small).loss.toFixed(3)}`);
  }
  await mkdir(out, { recursive: true });
  await save(join(out, "small"), smallConfig, small.weights, tokenizer);

  say(
    `\n2. Grow it to ${LARGE.layers} layers x ${LARGE.hidden} with LiGO: ${GROWTH.steps} steps on the operator`,
  );
  const growthProgress = progress(GROWTH.steps);
  const growth = await growModel({
    engine,
    corpus,
    small: { config: smallConfig, weights: small.weights },
    large: largeConfig,
    settings: { ...GROWTH, seed },
    onStep: (step, loss) => growthProgress(step + 1, `training loss ${loss.toFixed(3)}`),
  });
  await save(join(out, "grown"), largeConfig, growth.weights, tokenizer);
  const grownLoss = await heldOutLoss(
    engine,
    corpus,
    largeConfig,
    growth.weights,
    LARGE_TRAINING.batch,
  );
  say(
    `  held-out loss ${grownLoss.toFixed(3)} right after growth; ${growth.seconds.toFixed(1)} s, ${tera(growth.flops)} TFLOP`,
  );

  say("\n3. Train the grown model and the same architecture from scratch, side by side");
  const common = {
    engine,
    corpus,
    config: largeConfig,
    settings: { ...LARGE_TRAINING, seed: seed + 2 },
  };
  const grown = await createArm({
    ...common,
    name: "grown with LiGO",
    weights: growth.weights,
    spent: growth,
  });
  const scratch = await createArm({
    ...common,
    name: "from scratch",
    weights: initialWeights(bertLayout(largeConfig), {
      seed: seed + 1,
      deviation: largeConfig.initializer_range,
    }),
  });
  const raceProgress = progress(LARGE_TRAINING.steps);
  for (let step = 1; !scratch.done; step++) {
    await grown.advance();
    await scratch.advance();
    raceProgress(
      step,
      `held-out loss: grown ${last(grown).loss.toFixed(3)}, from scratch ${last(scratch).loss.toFixed(3)}`,
    );
  }
  await save(join(out, "trained"), largeConfig, grown.weights, tokenizer);

  const end = last(scratch);
  const reached = reach(grown.curve, end.loss);
  const smallCost = last(small);
  const saving = reached && 1 - reached.flops / end.flops;
  const savingInTime = reached && 1 - reached.seconds / end.seconds;
  const withSource = reached && 1 - (reached.flops + smallCost.flops) / end.flops;
  const headline =
    saving === undefined
      ? `Growing saved nothing here: the grown model did not reach scratch's final held-out loss ${end.loss.toFixed(3)}.`
      : `Growing saved ${percent(saving)} of the FLOPs to reach scratch's final held-out loss ${end.loss.toFixed(3)} (growth included), ${percent(withSource as number)} with the small model's training charged too.`;
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
  const results = {
    seed,
    machine,
    recipe: { SMALL, LARGE, SEQUENCE, VOCABULARY, SMALL_TRAINING, GROWTH, LARGE_TRAINING },
    saving,
    savingInTime,
    savingWithSource: withSource,
    small: small.curve,
    growth: { flops: growth.flops, seconds: growth.seconds, losses: growth.losses },
    grown: grown.curve,
    scratch: scratch.curve,
    seconds: (performance.now() - started) / 1000,
  };
  await writeFile(join(out, "results.json"), `${JSON.stringify(results, undefined, 2)}\n`);
  await writeFile(
    join(out, "report.html"),
    renderReport({
      title: `LiGO quickstart: BERT ${SMALL.layers} x ${SMALL.hidden} grown to ${LARGE.layers} x ${LARGE.hidden}`,
      headline,
      curves: [scratch, grown].map(({ name, curve }) => ({ name, points: curve })),
      targetLoss: end.loss,
      tables: [
        {
          caption: "Cost to reach scratch's final held-out loss",
          rows: [
            ["", "steps", "TFLOP", "seconds"],
            ["from scratch", String(end.step), tera(end.flops), end.seconds.toFixed(1)],
            [
              "small model (its whole training)",
              String(smallCost.step),
              tera(smallCost.flops),
              smallCost.seconds.toFixed(1),
            ],
            [
              "growth: learning and applying the operator",
              String(GROWTH.steps),
              tera(growth.flops),
              growth.seconds.toFixed(1),
            ],
            reached
              ? [
                  "grown, growth included",
                  reached.step.toFixed(0),
                  tera(reached.flops),
                  reached.seconds.toFixed(1),
                ]
              : ["grown, growth included", "-", "not reached", "-"],
          ],
        },
        {
          caption: "Held-out loss",
          rows: [
            ["", "before training", "after training"],
            [
              "small model",
              (small.curve[0] as { loss: number }).loss.toFixed(3),
              smallCost.loss.toFixed(3),
            ],
            [
              "from scratch",
              (scratch.curve[0] as { loss: number }).loss.toFixed(3),
              end.loss.toFixed(3),
            ],
            ["grown with LiGO", grownLoss.toFixed(3), last(grown).loss.toFixed(3)],
          ],
        },
      ],
      notes: [
        "FLOPs are those of the matrix products each step executes (2 m n k), counted from the graphs that ran; evaluation is free for all.",
        "Seconds are those of training steps; both models trained alternately in one process.",
        `One seed (${seed}), a model of toy size, ${machine}.`,
      ],
    }),
  );

  say(`\n${headline}`);
  if (savingInTime !== undefined) say(`In time: ${percent(savingInTime)} saved (growth included).`);
  say(
    `At the end: grown ${last(grown).loss.toFixed(3)}, from scratch ${end.loss.toFixed(3)}, after the same ${LARGE_TRAINING.steps} steps.`,
  );
  const shown = relative(from, out) || ".";
  say(`\nThe curves: ${pathToFileURL(join(out, "report.html")).href}`);
  say(
    `The checkpoints (Hugging Face format): ${["small", "grown", "trained"].map((name) => join(shown, name)).join(", ")}`,
  );
}

try {
  await quickstart();
} catch (error) {
  if (!LigoError.isInstance(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
