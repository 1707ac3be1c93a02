import {
  createTokenizer,
  evaluationBatches,
  maskedBatches,
  readTexts,
  TEXT_EXTENSIONS,
  splitBlocks,
  tokenBlocks,
  type MaskingOptions,
  type TextTokenizer,
  type TokenBlocks,
  type TokenizerFile,
} from "@ligo/data";
import type { TensorSpecs } from "@ligo/engine";

/** A tokenised corpus, split into blocks to learn from and blocks to judge by. */
export interface Corpus {
  readonly tokenizer: TextTokenizer;
  readonly sequence: number;
  readonly train: TokenBlocks;
  readonly heldOut: TokenBlocks;
}

export interface CorpusOptions {
  readonly sequence: number;
  /** Number of held-out blocks. */
  readonly heldOut: number;
  readonly seed: number;
}

/** Lines that come again and again (licences, badges, generated tables) teach a model to copy, not to read. */
function withoutRepeats(texts: readonly string[]): string[] {
  const seen = new Set<string>();
  return texts.map((text) =>
    text
      .split("\n")
      .filter((line) => {
        const key = line.trim();
        if (key.length < 20) return true;
        const fresh = !seen.has(key);
        seen.add(key);
        return fresh;
      })
      .join("\n"),
  );
}

/** The texts that patterns name, without the lines they repeat. Files with `excluded` in their path are left out. */
export async function corpusTexts(data: readonly string[], excluded?: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const { file, text } of readTexts(data, { extensions: TEXT_EXTENSIONS })) {
    if (excluded === undefined || !file.includes(excluded)) texts.push(text);
  }
  return withoutRepeats(texts);
}

/** Tokenises texts with a tokenizer made on the spot. */
export async function createCorpus(
  texts: readonly string[],
  tokenizer: TokenizerFile | TextTokenizer,
  options: CorpusOptions,
): Promise<Corpus> {
  const ready = "encode" in tokenizer ? tokenizer : createTokenizer(tokenizer);
  const blocks = await tokenBlocks(texts, ready, {
    sequence: options.sequence,
    minimumBlocks: options.heldOut * 2,
  });
  return {
    tokenizer: ready,
    sequence: options.sequence,
    ...splitBlocks(blocks, { heldOut: options.heldOut, seed: options.seed }),
  };
}

/** A batch as a step takes it. */
export type StepBatch = Readonly<Record<string, Int32Array>>;

function maskingOptions({ tokenizer }: Corpus, batch: number, seed: number): MaskingOptions {
  return { batch, seed, vocabularySize: tokenizer.vocabularySize, special: tokenizer.special };
}

/** The training batch of any step of a corpus. */
export function trainingBatches(
  corpus: Corpus,
  batch: number,
  seed: number,
): (step: number) => StepBatch {
  const batches = maskedBatches(corpus.train, maskingOptions(corpus, batch, seed));
  return (step) => ({ ...batches.at(step) });
}

/** The fixed batches every model of an experiment is judged by. */
export function heldOutBatches(corpus: Corpus, batch: number): StepBatch[] {
  const batches = evaluationBatches(corpus.heldOut, maskingOptions(corpus, batch, 0));
  return batches.map((masked) => ({ ...masked }));
}

/** Specs of the tensors a batch with this many labelled positions feeds to a step. */
export function maskedBatchSpecs(batch: number, sequence: number, positions: number): TensorSpecs {
  return {
    input_ids: { shape: [batch, sequence], dtype: "int32" },
    label_positions: { shape: [positions], dtype: "int32" },
    label_ids: { shape: [positions], dtype: "int32" },
  };
}

/** Specs of the tensors a batch of a corpus feeds to a step. */
export function batchSpecs(corpus: Corpus, batch: number): TensorSpecs {
  const { positionsPerBatch } = maskedBatches(corpus.train, maskingOptions(corpus, batch, 0));
  return maskedBatchSpecs(batch, corpus.sequence, positionsPerBatch);
}
