import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { type CurvePoint, renderReport } from "@ligo/report";
import { evaluate, grow, train, type EventListener, type TrainSource } from "@ligo/sdk";
import { describeMachine } from "@ligo/sdk/models";
import { readMetrics } from "@ligo/sdk/runs";
import { bertModel, encoderKeys, type Size } from "./experiments/models.js";
import type { QuickstartRecipe, TrainingSchedule } from "./quickstart-recipe.js";
import {
  quickstartReport,
  savingsOf,
  shape,
  tera,
  type QuickstartResult,
} from "./quickstart-report.js";
import { writeQuickstartText } from "./quickstart-text.js";

/** A line of progress: steps done, and words on them. */
type ProgressLine = (step: number, text: string) => void;

export interface QuickstartOptions {
  readonly recipe: QuickstartRecipe;
  readonly texts: readonly string[];
  /** Folder for text, checkpoints, results and report. */
  readonly out: string;
  /** Seed of everything random; blocks are held out by it. */
  readonly seed: number;
  readonly say: (line: string) => void;
  /** Makes a line of progress over `total` steps. */
  readonly progress: (total: number) => ProgressLine;
}

/** Timings that growing is charged with; reading and judging are free for all. */
const CHARGED: readonly string[] = ["compile", "learn", "apply", "write"];

/** Trains a small BERT, grows it, trains the grown model and one from scratch alike, and writes down the savings. */
export async function runQuickstart(options: QuickstartOptions): Promise<QuickstartResult> {
  const { out, progress, recipe, say, seed, texts } = options;
  const { heldOut, large, sequence, small } = recipe;
  const folder = (name: string): string => join(out, name);
  const text = await writeQuickstartText(folder("text"), texts, recipe.vocabulary);
  const config = (size: Size): Readonly<Record<string, unknown>> => ({
    ...bertModel(size, text, sequence),
    hidden_dropout_prob: 0,
    attention_probs_dropout_prob: 0,
  });
  const shared = {
    architectures: [bert],
    data: text.data,
    tokenizer: text.tokenizer.folder,
    cache: folder("text/tokens"),
    engine: "onnx",
    sequence,
    heldOut,
    seed,
  } as const;
  const trained = async (
    name: string,
    from: TrainSource,
    schedule: TrainingSchedule,
  ): Promise<readonly CurvePoint[]> => {
    await rm(folder(name), { recursive: true, force: true });
    const onEvent = trainingEvents(schedule, progress(schedule.steps));
    await train(from, { ...shared, ...schedule, out: folder(name), onEvent });
    return curveOf(folder(name));
  };

  say(`\n1. Train a small BERT: ${shape(small)}`);
  const smallCurve = await trained("small", { config: config(small) }, recipe.smallTraining);

  say(`\n2. Grow it to ${shape(large)} with LiGO: ${recipe.growth.steps} steps on the operator`);
  const learning = progress(recipe.growth.steps);
  await rm(folder("grown"), { recursive: true, force: true });
  const { flops, seconds } = await grow(folder("small"), {
    ...shared,
    ...recipe.growth,
    to: encoderKeys(large),
    evaluate: false,
    out: folder("grown"),
    onEvent(event) {
      if (event.type !== "step") return;
      learning(event.step, `training loss ${event.loss?.toFixed(3)}`);
    },
  });
  const stacked = await grow(folder("small"), {
    architectures: [bert],
    to: encoderKeys(large),
    method: "stack",
  });
  const { batch } = recipe.largeTraining;
  const growth = {
    flops: flops ?? 0,
    seconds: CHARGED.reduce((sum, name) => sum + (seconds[name] ?? 0), 0),
    heldOutLoss: (await evaluate(folder("grown"), { ...shared, batch })).loss,
    stackedHeldOutLoss: (await evaluate(stacked, { ...shared, batch })).loss,
  };
  say(
    `  held-out loss ${growth.heldOutLoss.toFixed(3)} right after growth (by stacking layers and neurons: ${growth.stackedHeldOutLoss.toFixed(3)}); ${tera(growth.flops)} TFLOP, ${growth.seconds.toFixed(1)} s`,
  );

  say("\n3. Train the grown model");
  const afterGrowth = await trained("trained", folder("grown"), recipe.largeTraining);
  say("\n4. Train the same architecture from scratch, on the same batches");
  const scratch = await trained("scratch", { config: config(large) }, recipe.largeTraining);

  const curves = { small: smallCurve, grown: charged(afterGrowth, growth), scratch };
  const result: QuickstartResult = {
    seed,
    machine: `${describeMachine()}, Node ${process.version}`,
    recipe,
    ...savingsOf(curves),
    growth,
    curves,
  };
  await writeFile(folder("results.json"), `${JSON.stringify(result, undefined, 2)}\n`);
  await writeFile(folder("report.html"), renderReport(quickstartReport(result)));
  return result;
}

/** Tells the steps of a training, each with the newest held-out loss. */
function trainingEvents(
  { evaluateEvery, steps }: TrainingSchedule,
  line: ProgressLine,
): EventListener {
  let judged = Number.NaN;
  const tell = (step: number): void => line(step, `held-out loss ${judged.toFixed(3)}`);
  return (event) => {
    if (event.type === "evaluation") {
      judged = event.loss;
      if (event.step > 0) tell(event.step);
    }
    // an evaluation follows the others
    if (event.type === "step" && event.step % evaluateEvery !== 0 && event.step !== steps) {
      tell(event.step);
    }
  };
}

/** Evaluations of a training, from its first step on. */
async function curveOf(run: string): Promise<readonly CurvePoint[]> {
  return (await readMetrics(run)).flatMap((line) =>
    "held_out_loss" in line
      ? [{ step: line.step, flops: line.flops, seconds: line.seconds, loss: line.held_out_loss }]
      : [],
  );
}

/** A curve that bears the costs of growth. */
function charged(
  curve: readonly CurvePoint[],
  growth: Pick<CurvePoint, "flops" | "seconds">,
): readonly CurvePoint[] {
  return curve.map((point) => ({
    ...point,
    flops: point.flops + growth.flops,
    seconds: point.seconds + growth.seconds,
  }));
}
