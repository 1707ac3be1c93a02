import { basename } from "node:path";
import type { MaskedBatch, TextTokenizer, TokenBlocks } from "@ligo/data";
import type { ExtraFile } from "@ligo/checkpoint";
import type { ModelSpec } from "../models/model-spec.js";
import { vocabularySize } from "../models/model-limits.js";
import { UsageError } from "../usage-error.js";

export interface CorpusOptions {
  /** Files, folders and globs of text. */
  readonly data: readonly string[];
  /** Folder or file of the tokenizer. */
  readonly tokenizer: string;
  /** Tokens of a sequence. */
  readonly sequence: number;
  /** Blocks held out: a fraction below 1, or their number. `none` puts all of them into `train`. */
  readonly heldOut: number | "none";
  readonly seed: number;
}

/** Text as blocks of tokens, some of them held out. */
export interface Corpus {
  readonly tokenizer: TextTokenizer;
  readonly train: TokenBlocks;
  /** Empty where nothing is held out. */
  readonly heldOut: TokenBlocks;
}

/** Blocks of a smaller corpus could not be both learned from and held out. */
const MINIMUM_BLOCKS = 2;

/**
 * Reads and tokenises text for a model. The same files, tokenizer, sequence, share and seed always hold out the same
 * blocks, whatever the command. Throws `cli/vocabulary-mismatch` and what `@ligo/data` throws.
 */
export async function loadCorpus(options: CorpusOptions, spec: ModelSpec): Promise<Corpus> {
  const { loadTokenizer, readTexts, splitBlocks, tokenBlocks } = await import("@ligo/data");
  const { heldOut, seed, sequence } = options;
  const tokenizer = await loadTokenizer(options.tokenizer);
  checkVocabulary(tokenizer, spec);
  const blocks = await tokenBlocks(readTexts(options.data), tokenizer, {
    sequence,
    minimumBlocks: heldOut === "none" ? 1 : MINIMUM_BLOCKS,
  });
  if (heldOut !== "none") return { tokenizer, ...splitBlocks(blocks, { heldOut, seed }) };
  const empty: TokenBlocks = { sequence, count: 0, tokens: new Int32Array(0) };
  return { tokenizer, train: blocks, heldOut: empty };
}

function checkVocabulary(tokenizer: TextTokenizer, spec: ModelSpec): void {
  const expected = vocabularySize(spec.layout);
  const actual = tokenizer.vocabularySize;
  if (actual <= expected) return;
  const file = tokenizer.files[0];
  throw new UsageError(
    "cli/vocabulary-mismatch",
    `The tokenizer ${file ?? ""} has ${actual} tokens, but the model of ${spec.file} has a vocabulary of ${expected}. ` +
      "Use the tokenizer the model was made with.",
    { file, expected: `at most ${expected} tokens`, actual: `${actual} tokens` },
  );
}

/** Fixed batches to judge a model by. */
export async function heldOutBatches(
  corpus: Pick<Corpus, "tokenizer">,
  blocks: TokenBlocks,
  spec: ModelSpec,
  options: { readonly batch: number; readonly seed: number; readonly batches?: number },
): Promise<MaskedBatch[]> {
  const { evaluationBatches } = await import("@ligo/data");
  const { batch, batches, seed } = options;
  return evaluationBatches(blocks, {
    batch,
    seed,
    vocabularySize: vocabularySize(spec.layout),
    special: corpus.tokenizer.special,
    ...(batches === undefined ? {} : { limitBlocks: batches * batch }),
  });
}

/** The arrays of a batch that a program declares. */
export function feedsOf(batch: MaskedBatch): Readonly<Record<string, Int32Array>> {
  const { input_ids, labels, label_positions, label_ids } = batch;
  return { input_ids, labels, label_positions, label_ids };
}

/** A tokenizer's files as a checkpoint holds them. */
export function tokenizerFiles(tokenizer: TextTokenizer): readonly ExtraFile[] {
  // The first one is tokenizer.json, by whatever name it was given.
  return tokenizer.files.map((path, index) => ({
    name: index === 0 ? "tokenizer.json" : basename(path),
    path,
  }));
}
