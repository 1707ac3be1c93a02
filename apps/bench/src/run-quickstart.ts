import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import {
  createComparisonClock,
  type CompareEvent,
  type ComparisonClock,
  type RunCost,
} from "@ligo/compare";
import { estimateFlops } from "@ligo/core";
import { type CurvePoint, renderReport } from "@ligo/report";
import { evaluate, grow, train, type EventListener, type TrainSource } from "@ligo/sdk";
import { describeMachine, describeModel } from "@ligo/sdk/models";
import { readMetrics } from "@ligo/sdk/runs";
import type { Config } from "./experiments/experiment.js";
import { bertModel, encoderKeys, type Size } from "./experiments/models.js";
import type { QuickstartRecipe, TrainingSchedule } from "./quickstart-recipe.js";
import {
  quickstartReport,
  savingsOf,
  shape,
  tera,
  type QuickstartGrowth,
  type QuickstartResult,
} from "./quickstart-report.js";
import { writeQuickstartText, type QuickstartText } from "./quickstart-text.js";

export interface QuickstartOptions {
  readonly recipe: QuickstartRecipe;
  readonly texts: readonly string[];
  /** Folder for text, checkpoints, results and report. */
  readonly out: string;
  /** Seed of everything random. Growth and the trainings after it go on from seeds of their own, to other batches. */
  readonly seed: number;
  readonly say: (line: string) => void;
  /** Receives phases and steps, with the time left of all. */
  readonly onEvent: (event: CompareEvent) => void;
}

/** A quickstart whose text is written. */
interface Quickstart extends QuickstartOptions {
  readonly text: QuickstartText;
  readonly clock: ComparisonClock;
}

/** Timings that growing is charged with; reading and judging are free for all. */
const CHARGED: readonly string[] = ["compile", "learn", "apply", "write"];

/** Trains a small BERT, grows it, trains the grown model and one from scratch alike, and writes down the savings. */
export async function runQuickstart(options: QuickstartOptions): Promise<QuickstartResult> {
  const { out, recipe, say, seed, texts } = options;
  const { large, largeTraining, sequence, small, smallTraining } = recipe;
  const text = await writeQuickstartText(join(out, "text"), texts, {
    vocabulary: recipe.vocabulary,
    heldOutTokens: recipe.heldOut * sequence,
    seed,
  });
  const clock = createComparisonClock(options, costsOf(recipe, text));
  const quickstart: Quickstart = { ...options, text, clock };
  const onward: Quickstart = { ...quickstart, seed: seed + 2 };
  const fresh = (size: Size): TrainSource => ({ config: configOf(size, text, sequence) });

  say(`\n1. Train a small BERT: ${shape(small)}`);
  const smallCurve = await trained(quickstart, "small", fresh(small), smallTraining);
  say(`\n2. Grow it to ${shape(large)} with LiGO: ${recipe.growth.steps} steps on the operator`);
  const growth = await grown({ ...quickstart, seed: seed + 1 }, onward);
  say("\n3. Train the grown model");
  const afterGrowth = await trained(onward, "trained", join(out, "grown"), largeTraining);
  say("\n4. Train the same architecture from scratch, on the same batches");
  const scratch = await trained(onward, "scratch", fresh(large), largeTraining);

  const curves = { small: smallCurve, grown: charged(afterGrowth, growth), scratch };
  const result: QuickstartResult = {
    seed,
    machine: `${describeMachine()}, Node ${process.version}`,
    recipe,
    ...savingsOf(curves),
    growth,
    curves,
  };
  await writeFile(join(out, "results.json"), `${JSON.stringify(result, undefined, 2)}\n`);
  await writeFile(join(out, "report.html"), renderReport(quickstartReport(result)));
  return result;
}

const configOf = (size: Size, text: QuickstartText, sequence: number): Config => ({
  ...bertModel(size, text, sequence),
  hidden_dropout_prob: 0,
  hidden_act: "gelu",
  attention_probs_dropout_prob: 0,
});

/** Estimated operations of the four parts: learning an operator is taken for training the large model. */
function costsOf(
  { growth, large, largeTraining, sequence, small, smallTraining }: QuickstartRecipe,
  text: QuickstartText,
): ReadonlyMap<string, RunCost> {
  const flops = (
    size: Size,
    { batch, steps }: { readonly batch: number; readonly steps: number },
  ) => {
    const { layout } = describeModel(bert, configOf(size, text, sequence), "config");
    const work = { tokens: batch * sequence, sequence, labelledFraction: 0.15 };
    return steps * estimateFlops(layout, work).training;
  };
  const train = flops(large, largeTraining);
  return new Map<string, RunCost>([
    ["small", { source: flops(small, smallTraining) }],
    ["grown", { learn: flops(large, { ...growth, batch: growth.batch ?? largeTraining.batch }) }],
    ["trained", { train }],
    ["scratch", { train }],
  ]);
}

/** Settings that all growths, trainings and evaluations share. */
const sharedSettings = ({ out, recipe, seed, text }: Quickstart) =>
  ({
    architectures: [bert],
    data: text.data,
    tokenizer: text.tokenizer.folder,
    cache: join(out, "text/tokens"),
    engine: "onnx",
    sequence: recipe.sequence,
    evalData: text.heldOut,
    seed,
  }) as const;

/** Trains a model into the folder `name`, and gives its held-out losses from before the first step on. */
async function trained(
  quickstart: Quickstart,
  name: string,
  from: TrainSource,
  schedule: TrainingSchedule,
): Promise<readonly CurvePoint[]> {
  const out = join(quickstart.out, name);
  await rm(out, { recursive: true, force: true });
  const { clock, say } = quickstart;
  const onEvent = trainingEvents(quickstart, name === "small");
  clock.begin(name);
  const { heldOut } = await train(from, {
    ...sharedSettings(quickstart),
    ...schedule,
    out,
    onEvent,
  });
  clock.end(name);
  say(`  held-out loss ${heldOut.loss.toFixed(3)} after ${schedule.steps} steps`);
  return (await readMetrics(out)).flatMap((line) =>
    "held_out_loss" in line
      ? [{ step: line.step, flops: line.flops, seconds: line.seconds, loss: line.held_out_loss }]
      : [],
  );
}

/** Tells the data, where asked to, and hands on phases and steps. */
function trainingEvents({ clock, say, text }: Quickstart, tellsData: boolean): EventListener {
  return (event) => {
    if (event.type === "data" && tellsData) {
      const { count, sequence = 0 } = event.training;
      const millions = ((count * sequence) / 1e6).toFixed(2);
      say(
        `  ${millions} M tokens, ${text.tokenizer.vocabulary} word pieces, ${event.heldOut.count} blocks of ${sequence} tokens held out`,
      );
    }
    clock.handles.onEvent?.(event);
  };
}

/** Grows the small model into the folder `grown`, and, for comparison, by stacking in memory; judges both as the trainings do. */
async function grown(quickstart: Quickstart, onward: Quickstart): Promise<QuickstartGrowth> {
  const { clock, out, recipe, say } = quickstart;
  const shared = sharedSettings(quickstart);
  const [small, folder] = [join(out, "small"), join(out, "grown")];
  const to = encoderKeys(recipe.large);
  clock.begin("grown");
  await rm(folder, { recursive: true, force: true });
  const learned = await grow(small, {
    ...shared,
    ...recipe.growth,
    to,
    evaluate: false,
    out: folder,
    onEvent: (event) => clock.handles.onEvent?.(event),
  });
  clock.end("grown");
  const stacked = await grow(small, { architectures: [bert], to, method: "stack" });
  const { evalData: data, ...rest } = sharedSettings(onward);
  const judging = { ...rest, data, all: true, batch: recipe.largeTraining.batch };
  const { loss } = await evaluate(learned, judging);
  const { loss: stackedLoss } = await evaluate(stacked, judging);
  const flops = learned.flops ?? 0;
  const seconds = CHARGED.reduce((sum, name) => sum + (learned.seconds[name] ?? 0), 0);
  say(
    `  held-out loss ${loss.toFixed(3)} right after growth, ${stackedLoss.toFixed(3)} by stacking; ${tera(flops)} TFLOP, ${seconds.toFixed(1)} s`,
  );
  return { flops, seconds, heldOutLoss: loss, stackedHeldOutLoss: stackedLoss };
}

/** A curve that bears the costs of growth. */
function charged(
  curve: readonly CurvePoint[],
  { flops, seconds }: QuickstartGrowth,
): readonly CurvePoint[] {
  return curve.map((point) => ({
    ...point,
    flops: point.flops + flops,
    seconds: point.seconds + seconds,
  }));
}
