export type { BadRowHandler } from "./bad-rows.js";
export {
  causalBatches,
  causalEvaluationBatches,
  type CausalBatch,
  type CausalBatches,
  type CausalBatchOptions,
  type CausalEvaluationOptions,
} from "./causal-batches.js";
export { causalBlocks } from "./causal-blocks.js";
export { DataError } from "./data-error.js";
export { evaluationBatches, type EvaluationOptions } from "./evaluation-batches.js";
export { findTextFiles, type FindTextOptions, TEXT_EXTENSIONS } from "./find-text-files.js";
export { loadTokenizer, type LoadTokenizerOptions } from "./load-tokenizer.js";
export { maskedBatches, type MaskedBatches } from "./masked-batches.js";
export type { MaskedBatch, MaskingOptions } from "./masking.js";
export { readTexts, type ReadTextOptions, type TextPart } from "./read-texts.js";
export type { SpecialTokens } from "./special-tokens.js";
export { splitBlocks, type SplitBlocks, type SplitOptions } from "./split-blocks.js";
export {
  tokenBlocks,
  type TokenBlocks,
  type TokenBlocksOptions,
  type TextSource,
} from "./token-blocks.js";
export { createTokenizer, type CreateTokenizerOptions, type TextTokenizer } from "./tokenizer.js";
export { type TokenizerFile, writeTokenizer } from "./tokenizer-file.js";
export { trainWordPiece, type WordPieceOptions } from "./train-wordpiece.js";
