import type { Random } from "@ligo/core";
import { DataError } from "../errors/data-error.js";
import { IGNORED_LABEL } from "./ignored-label.js";
import { checkInteger } from "../errors/check-integer.js";
import { drawWithoutReplacement } from "../blocks/permutation.js";
import type { SpecialTokens } from "../tokenizer/special-tokens.js";
import { checkVocabulary, gatherRows, type BlockSource } from "../blocks/blocks.js";

/** One batch of masked language modelling; B = batch, T = sequence, K = positions per batch. */
export interface MaskedBatch {
  /** Token ids [B * T], masked. */
  readonly input_ids: Int32Array;
  /** Original ids [B * T] at the chosen positions, -100 elsewhere. */
  readonly labels: Int32Array;
  /** Chosen positions [K] as indices into the flat [B * T], ascending; 0 where there are fewer than K. */
  readonly label_positions: Int32Array;
  /** Original ids [K] at these positions; -100 where there are fewer than K. */
  readonly label_ids: Int32Array;
}

/** Options common to training and evaluation batches. */
export interface MaskingOptions {
  /** Sequences of a batch. */
  readonly batch: number;
  readonly seed: number;
  /** Share of the tokens of text that the model must predict. Default 0.15. */
  readonly maskedFraction?: number;
  /** Ids the model knows. */
  readonly vocabularySize: number;
  readonly special: SpecialTokens;
}

/** Masks rows of tokens. */
export interface Masker {
  /**
   * Room for chosen positions in a batch: as many for every block, round(maskedFraction * (sequence - 2)), at least 1. A block
   * with fewer tokens that may be chosen has fewer.
   */
  readonly positions: number;
  /**
   * Masks `rows` [B * T], each by a generator of its own, so that a block's mask is the same whatever else is in its batch.
   * Only the first `countedRows` of them get labels.
   */
  mask(rows: Int32Array, randomOf: (row: number) => Random, countedRows?: number): MaskedBatch;
}

/** Shares of the chosen positions that become `[MASK]`, and that become `[MASK]` or a random token. */
const TO_MASK = 0.8;
const TO_MASK_OR_RANDOM = 0.9;

/**
 * Masking of Devlin et al. 2019, section 3.1: of the chosen positions 80 % become `[MASK]`, 10 % a random token that is not
 * special, 10 % stay. Special tokens are never chosen. As in their code, every block has the same number of chosen positions.
 *
 * @throws DataError `data/no-mask-token`, `data/vocabulary-mismatch`, `data/nothing-to-predict`, `data/bad-option`.
 */
export function createMasker(blocks: BlockSource, options: MaskingOptions): Masker {
  const batch = checkInteger("batch", options.batch, 1);
  const vocabularySize = checkInteger("vocabularySize", options.vocabularySize, 1);
  const fraction = options.maskedFraction ?? 0.15;
  if (!(fraction > 0 && fraction <= 1)) {
    throw new DataError(
      "data/bad-option",
      `\`maskedFraction\` is ${fraction}; give a number above 0 and at most 1.`,
      { expected: "0 < maskedFraction <= 1", actual: String(fraction) },
    );
  }
  const { mask: maskToken, all: special } = options.special;
  if (maskToken === undefined) {
    throw new DataError(
      "data/no-mask-token",
      "The tokenizer has no mask token; use the tokenizer of a BERT-like model.",
    );
  }
  checkVocabulary(blocks, vocabularySize, maskToken);
  const ordinary = Int32Array.from({ length: vocabularySize }, (_, id) => id).filter(
    (id) => !special.has(id),
  );
  if (ordinary.length === 0) {
    throw new DataError(
      "data/vocabulary-mismatch",
      `All ${vocabularySize} tokens of the vocabulary are special; pass the vocabulary size of the model.`,
      { expected: "tokens that are not special", actual: "none" },
    );
  }
  checkPredictable(blocks, special);
  const { sequence } = blocks;
  const perBlock = Math.max(1, Math.round(fraction * (sequence - 2)));
  const positions = batch * perBlock;

  return {
    positions,
    mask(rows, randomOf, countedRows = batch) {
      const input_ids = rows.slice();
      const labels = new Int32Array(rows.length).fill(IGNORED_LABEL);
      const label_positions = new Int32Array(positions);
      const label_ids = new Int32Array(positions).fill(IGNORED_LABEL);
      const eligible = new Int32Array(sequence);
      let listed = 0;
      for (let row = 0; row < countedRows; row++) {
        const random = randomOf(row);
        let candidates = 0;
        for (let position = row * sequence; position < (row + 1) * sequence; position++) {
          if (!special.has(rows[position] ?? 0)) eligible[candidates++] = position;
        }
        const choice = eligible.subarray(0, candidates);
        for (const position of drawWithoutReplacement(choice, perBlock, random).sort()) {
          const token = rows[position] ?? 0;
          labels[position] = token;
          label_positions[listed] = position;
          label_ids[listed] = token;
          listed++;
          const draw = random.uniform();
          if (draw < TO_MASK) input_ids[position] = maskToken;
          else if (draw < TO_MASK_OR_RANDOM) {
            input_ids[position] = ordinary[random.integer(ordinary.length)] ?? token;
          }
        }
      }
      return { input_ids, labels, label_positions, label_ids };
    },
  };
}

/** Throws `data/nothing-to-predict` where all tokens of the blocks are special; looks no further than to the first other. */
function checkPredictable(blocks: BlockSource, special: ReadonlySet<number>): void {
  for (let block = 0; block < blocks.count; block++) {
    if (gatherRows(blocks, [block]).some((token) => !special.has(token))) return;
  }
  if (blocks.count === 0) return;
  throw new DataError(
    "data/nothing-to-predict",
    "There is nothing to predict: to the tokenizer every token of the text is unknown ([UNK]) or special. " +
      "Use text in the language of the tokenizer, or the tokenizer of such text.",
    { expected: "ordinary tokens", actual: `only special tokens in ${blocks.count} blocks` },
  );
}
