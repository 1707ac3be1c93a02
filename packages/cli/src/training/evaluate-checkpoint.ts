import type { Evaluation } from "@ligo/train";
import { evaluateModel } from "./evaluate-model.js";
import type { FindArchitectureOptions } from "../models/find-architecture.js";
import { heldOutBatches, loadCorpus } from "./load-corpus.js";
import { loadEngine, type EngineName } from "../models/load-engine.js";
import { loadObjective } from "../models/load-model.js";
import { cappedSequence } from "../models/model-limits.js";
import { openModel } from "../models/open-model.js";
import { silent, type Reporter } from "../terminal/progress.js";
import { TRAIN_DEFAULTS } from "../train-defaults.js";

export interface EvaluateOptions extends FindArchitectureOptions {
  readonly checkpoint: string;
  /** Files, folders and globs of text. */
  readonly data: readonly string[];
  /** Judge by all blocks instead of the held-out ones. */
  readonly all?: boolean | undefined;
  readonly batch?: number | undefined;
  readonly sequence?: number | undefined;
  readonly seed?: number | undefined;
  readonly heldOut?: number | undefined;
  readonly tokenizer?: string | undefined;
  readonly engine?: EngineName | undefined;
  readonly reporter?: Reporter | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface EvaluateResult extends Evaluation {
  /** Blocks of text judged by. */
  readonly blocks: number;
  /** Tokens of a block. */
  readonly sequence: number;
}

/** Loss, perplexity and accuracy of a checkpoint on text. Nothing is written. */
export async function evaluateCheckpoint(options: EvaluateOptions): Promise<EvaluateResult> {
  const batch = options.batch ?? TRAIN_DEFAULTS.batch;
  const seed = options.seed ?? TRAIN_DEFAULTS.seed;
  const model = await openModel(options.checkpoint, options);
  try {
    const { spec } = model;
    await loadObjective(spec);
    const all = options.all === true;
    const corpus = await loadCorpus(
      {
        data: options.data,
        tokenizer: options.tokenizer ?? model.checkpoint.folder,
        sequence: cappedSequence(options.sequence ?? TRAIN_DEFAULTS.sequence, spec.layout),
        heldOut: all ? "none" : (options.heldOut ?? TRAIN_DEFAULTS.heldOut),
        seed,
      },
      spec,
    );
    const blocks = all ? corpus.train : corpus.heldOut;
    const found = await evaluateModel({
      engine: await loadEngine(options.engine ?? "auto"),
      spec,
      weights: await model.readAll(options.signal),
      batch,
      batches: await heldOutBatches(corpus, blocks, spec, { batch, seed }),
      reporter: options.reporter ?? silent,
      signal: options.signal,
    });
    return { ...found, blocks: blocks.count, sequence: blocks.sequence };
  } finally {
    await model.close();
  }
}
