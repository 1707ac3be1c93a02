import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BertConfig } from "@ligo/bert";
import { type CurvePoint, describeMachine, reach, renderReport, type Report } from "@ligo/cli";
import { trainWordPiece } from "@ligo/data";
import { createOnnxEngine } from "@ligo/engine";
import type { Weights } from "@ligo/train";
import { bertConfig, createArm, heldOutLoss, lastPoint, scratchWeights } from "./arms.js";
import { createCorpus } from "./corpus.js";
import { growModel } from "./growth.js";
import type { QuickstartRecipe } from "./quickstart-recipe.js";
import { saveModel } from "./save-model.js";

export interface QuickstartOptions {
  readonly recipe: QuickstartRecipe;
  readonly texts: readonly string[];
  /** Folder for checkpoints, results and report. */
  readonly out: string;
  readonly seed: number;
  readonly say: (line: string) => void;
  /** Makes a line of progress over `total` steps. */
  readonly progress: (total: number) => (step: number, text: string) => void;
}

/** What a quickstart found. FLOPs are those of the matrix products executed; shares are of scratch's cost. */
export interface QuickstartResult {
  readonly seed: number;
  readonly machine: string;
  readonly recipe: QuickstartRecipe;
  /** FLOPs saved to reach scratch's final held-out loss, growth included; null if the grown model never reached it. */
  readonly saving: number | null;
  /** The same with the small model's training charged too. */
  readonly savingWithSmall: number | null;
  /** The same as `saving`, in seconds. */
  readonly savingInTime: number | null;
  readonly growth: {
    readonly flops: number;
    readonly seconds: number;
    readonly heldOutLoss: number;
  };
  readonly curves: {
    readonly small: readonly CurvePoint[];
    readonly grown: readonly CurvePoint[];
    readonly scratch: readonly CurvePoint[];
  };
}

const tera = (flops: number): string => (flops / 1e12).toFixed(2);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const shape = ({ layers, hidden }: { layers: number; hidden: number }): string =>
  `${layers} layers x ${hidden}`;

/** Trains a small BERT, grows it, trains the grown model beside one from scratch, and writes down what that saved. */
export async function runQuickstart(options: QuickstartOptions): Promise<QuickstartResult> {
  const { recipe, texts, out, seed, say, progress } = options;
  const engine = createOnnxEngine();
  const tokenizer = trainWordPiece(texts, { vocabularySize: recipe.vocabulary });
  const corpus = await createCorpus(texts, tokenizer, {
    sequence: recipe.sequence,
    heldOut: recipe.heldOut,
    seed,
  });
  say(
    `  ${(corpus.train.tokens.length / 1e6).toFixed(2)} M tokens, ${corpus.tokenizer.vocabularySize} word pieces, ${corpus.heldOut.count} blocks of ${recipe.sequence} tokens held out`,
  );
  const sizes = { vocabulary: corpus.tokenizer.vocabularySize, positions: recipe.sequence };
  const smallConfig = bertConfig({ ...recipe.small, ...sizes });
  const largeConfig = bertConfig({ ...recipe.large, ...sizes });
  const save = async (name: string, config: BertConfig, weights: Weights): Promise<void> => {
    await rm(join(out, name), { recursive: true, force: true });
    await saveModel(join(out, name), config, weights, tokenizer);
  };
  await mkdir(out, { recursive: true });

  say(`\n1. Train a small BERT: ${shape(recipe.small)}`);
  const small = await createArm({
    engine,
    corpus,
    config: smallConfig,
    weights: scratchWeights(smallConfig, seed),
    settings: { ...recipe.smallTraining, seed },
  });
  const smallProgress = progress(recipe.smallTraining.steps);
  for (let step = 1; !small.done; step++) {
    await small.advance();
    smallProgress(step, `held-out loss ${lastPoint(small.curve).loss.toFixed(3)}`);
  }
  await save("small", smallConfig, small.weights);

  say(
    `\n2. Grow it to ${shape(recipe.large)} with LiGO: ${recipe.growth.steps} steps on the operator`,
  );
  const growthProgress = progress(recipe.growth.steps);
  const growth = await growModel({
    engine,
    corpus,
    small: { config: smallConfig, weights: small.weights },
    large: largeConfig,
    settings: { ...recipe.growth, seed },
    onStep: (step, loss) => growthProgress(step + 1, `training loss ${loss.toFixed(3)}`),
  });
  await save("grown", largeConfig, growth.weights);
  const grownLoss = await heldOutLoss(
    engine,
    corpus,
    largeConfig,
    growth.weights,
    recipe.largeTraining.batch,
  );
  say(
    `  held-out loss ${grownLoss.toFixed(3)} right after growth; ${tera(growth.flops)} TFLOP, ${growth.seconds.toFixed(1)} s`,
  );

  say("\n3. Train the grown model and the same architecture from scratch, side by side");
  const common = {
    engine,
    corpus,
    config: largeConfig,
    settings: { ...recipe.largeTraining, seed: seed + 2 },
  };
  const grown = await createArm({
    ...common,
    weights: growth.weights,
    spent: growth,
  });
  const scratch = await createArm({
    ...common,
    weights: scratchWeights(largeConfig, seed + 1),
  });
  const raceProgress = progress(recipe.largeTraining.steps);
  for (let step = 1; !scratch.done; step++) {
    await grown.advance();
    await scratch.advance();
    const [left, right] = [grown, scratch].map(({ curve }) => lastPoint(curve).loss.toFixed(3));
    raceProgress(step, `held-out loss: grown ${left}, from scratch ${right}`);
  }
  await save("trained", largeConfig, grown.weights);

  const end = lastPoint(scratch.curve);
  const reached = reach(grown.curve, end.loss);
  const result: QuickstartResult = {
    seed,
    machine: `${describeMachine()}, Node ${process.version}`,
    recipe,
    saving: reached ? 1 - reached.flops / end.flops : null,
    savingWithSmall: reached
      ? 1 - (reached.flops + lastPoint(small.curve).flops) / end.flops
      : null,
    savingInTime: reached ? 1 - reached.seconds / end.seconds : null,
    growth: { flops: growth.flops, seconds: growth.seconds, heldOutLoss: grownLoss },
    curves: { small: small.curve, grown: grown.curve, scratch: scratch.curve },
  };
  await writeFile(join(out, "results.json"), `${JSON.stringify(result, undefined, 2)}\n`);
  await writeFile(join(out, "report.html"), renderReport(quickstartReport(result)));
  return result;
}

/** The sentence a reader takes away. */
export function headline({ saving, savingWithSmall, curves }: QuickstartResult): string {
  const loss = lastPoint(curves.scratch).loss.toFixed(3);
  if (saving === null || savingWithSmall === null) {
    return `Growing saved nothing here: the grown model did not reach scratch's final held-out loss ${loss}.`;
  }
  return `Growing saved ${percent(saving)} of the FLOPs to reach scratch's final held-out loss ${loss}, growth included; ${percent(savingWithSmall)} with the whole training of the small model charged too.`;
}

/** The report of a quickstart. */
export function quickstartReport(result: QuickstartResult): Report {
  const { curves, growth, recipe } = result;
  const [small, scratch, grown] = [curves.small, curves.scratch, curves.grown].map(lastPoint) as [
    CurvePoint,
    CurvePoint,
    CurvePoint,
  ];
  const reached = reach(curves.grown, scratch.loss);
  const cost = (point: { flops: number; seconds: number }, steps: number): string[] => [
    steps.toFixed(0),
    tera(point.flops),
    point.seconds.toFixed(1),
  ];
  const start = (curve: readonly CurvePoint[]): string => (curve[0] as CurvePoint).loss.toFixed(3);
  return {
    title: `LiGO quickstart: BERT ${shape(recipe.small)} grown to ${shape(recipe.large)}`,
    headline: headline(result),
    curves: [
      { name: "from scratch", points: curves.scratch },
      { name: "grown with LiGO", points: curves.grown },
    ],
    targetLoss: scratch.loss,
    tables: [
      {
        caption: "Cost to reach scratch's final held-out loss",
        rows: [
          ["", "steps", "TFLOP", "seconds"],
          ["from scratch", ...cost(scratch, scratch.step)],
          [
            "grown, growth included",
            ...(reached ? cost(reached, reached.step) : ["not reached", "-", "-"]),
          ],
          ["of which growth", ...cost(growth, recipe.growth.steps)],
          ["the small model's whole training", ...cost(small, small.step)],
        ],
      },
      {
        caption: "Held-out loss",
        rows: [
          ["", "before training", "after training"],
          ["small model", start(curves.small), small.loss.toFixed(3)],
          ["from scratch", start(curves.scratch), scratch.loss.toFixed(3)],
          ["grown with LiGO", start(curves.grown), grown.loss.toFixed(3)],
        ],
      },
    ],
    notes: [
      "FLOPs are those of the matrix products each step executes (2 m n k), counted from the graphs that ran; evaluation is free for all.",
      "Seconds are those of the training steps; both models trained alternately in one process.",
      `One seed (${result.seed}) and a model of toy size. ${result.machine}.`,
    ],
  };
}
