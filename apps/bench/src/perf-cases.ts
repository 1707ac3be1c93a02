import type { BertConfig } from "@ligo/bert";
import { createPlan, createRandom, ligoOperator } from "@ligo/core";
import {
  createMultiply,
  createOnnxEngine,
  type Numbers,
  type ProgramInfo,
  type TensorSpecs,
} from "@ligo/engine";
import { createTrainer, learnOperator, type OperatorLearningOptions } from "@ligo/train";
import { bertConfig, bertLayout, maskedLm, scratchWeights } from "./arms.js";
import { maskedBatchSpecs } from "./corpus.js";

/** Shapes of a performance case. */
export interface PerfSize {
  readonly small: { readonly layers: number; readonly hidden: number };
  readonly large: { readonly layers: number; readonly hidden: number };
  readonly batch: number;
  readonly sequence: number;
  readonly vocabulary: number;
}

const PERF_SIZES: Readonly<Record<"small" | "base", PerfSize>> = {
  small: {
    small: { layers: 3, hidden: 256 },
    large: { layers: 6, hidden: 384 },
    batch: 16,
    sequence: 128,
    vocabulary: 8000,
  },
  base: {
    small: { layers: 6, hidden: 512 },
    large: { layers: 12, hidden: 768 },
    batch: 8,
    sequence: 128,
    vocabulary: 30522,
  },
};

export const PERF_CASES = [
  "ligo-small",
  "ligo-small-naive",
  "train-small",
  "ligo-base",
  "ligo-base-naive",
  "train-base",
] as const;
export type PerfCaseName = (typeof PERF_CASES)[number];

/** What one case measured, in a process of its own. */
export interface PerfMeasurement {
  /** Median seconds of a step. */
  readonly seconds: number;
  readonly flops: number;
  readonly compileSeconds: number;
  readonly peakMemoryBytes: number;
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;

/** GFLOP/s of the fastest of several matrix products: what this machine can do at best. */
export async function sgemmGflops(): Promise<number> {
  const multiply = await createMultiply();
  const random = createRandom(0);
  const matrix = (
    rows: number,
    columns: number,
  ): { rows: number; columns: number; data: Float32Array } => ({
    rows,
    columns,
    data: Float32Array.from({ length: rows * columns }, () => random.uniform() - 0.5),
  });
  let best = 0;
  for (const [m, n, k] of [
    [1024, 3072, 768],
    [2048, 1536, 384],
    [1024, 1024, 1024],
    [2048, 2048, 2048],
  ] as const) {
    const [a, b] = [matrix(m, k), matrix(k, n)];
    for (let repeat = 0; repeat < 12; repeat++) {
      const started = performance.now();
      await multiply(a, b, {});
      best = Math.max(best, (2 * m * n * k) / (performance.now() - started) / 1e6);
    }
  }
  return best;
}

/** Times the steps of one case. */
export async function measureCase(name: PerfCaseName, repeats: number): Promise<PerfMeasurement> {
  const size = PERF_SIZES[name.includes("base") ? "base" : "small"];
  const config = (of: PerfSize["small"]): BertConfig =>
    bertConfig({ ...of, heads: of.hidden / 64, vocabulary: size.vocabulary, positions: 512 });
  const large = config(size.large);
  const { batch, specs } = syntheticBatch(size);
  const prepared = name.startsWith("ligo")
    ? await prepareLigo(
        config(size.small),
        large,
        specs,
        name.endsWith("naive") ? "materialise" : "planned",
      )
    : await prepareTraining(large, specs);
  const times: number[] = [];
  for (let step = 0; step < repeats; step++) {
    const started = performance.now();
    await prepared.step(batch);
    times.push((performance.now() - started) / 1000);
  }
  return {
    seconds: median(times.slice(1)),
    flops: prepared.info.matrixFlops,
    compileSeconds: prepared.info.compileSeconds,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
}

interface Prepared {
  readonly info: ProgramInfo;
  step(batch: Readonly<Record<string, Numbers>>): Promise<unknown>;
}

async function prepareLigo(
  small: BertConfig,
  large: BertConfig,
  batch: TensorSpecs,
  contraction: NonNullable<OperatorLearningOptions["contraction"]>,
): Promise<Prepared> {
  const plan = createPlan(bertLayout(small), bertLayout(large));
  const learner = await learnOperator(createOnnxEngine(), {
    plan,
    operator: ligoOperator(plan, createRandom(1)),
    objective: await maskedLm(large),
    batch,
    source: scratchWeights(small, 1),
    contraction,
  });
  return { info: learner.compiled.info, step: (given) => learner.step(given, 1e-3) };
}

async function prepareTraining(config: BertConfig, batch: TensorSpecs): Promise<Prepared> {
  const trainer = await createTrainer(createOnnxEngine(), {
    layout: bertLayout(config),
    objective: await maskedLm(config),
    batch,
    weights: scratchWeights(config, 1),
  });
  return { info: trainer.compiled.info, step: (given) => trainer.step(given, 1e-4) };
}

/** A batch of random tokens with 15 % of the positions labelled: speed does not depend on the text. */
function syntheticBatch({ batch, sequence, vocabulary }: PerfSize): {
  batch: Record<string, Int32Array>;
  specs: TensorSpecs;
} {
  const random = createRandom(7);
  const tokens = batch * sequence;
  const labelled = Math.round(0.15 * tokens);
  const ids = (count: number): Int32Array =>
    Int32Array.from({ length: count }, () => random.integer(vocabulary));
  const positions = Int32Array.from({ length: labelled }, (_, index) =>
    Math.floor((index * tokens) / labelled),
  );
  return {
    batch: { input_ids: ids(tokens), label_positions: positions, label_ids: ids(labelled) },
    specs: maskedBatchSpecs(batch, sequence, labelled),
  };
}
