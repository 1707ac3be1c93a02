export {
  answerBatches,
  answerEvaluationBatches,
  type AnswerBatch,
  type AnswerBatches,
  type AnswerBatchOptions,
  type AnswerEvaluationBatches,
} from "./answers/answer-batches.js";
export type { AnswerWindow, WindowOptions } from "./answers/answer-windows.js";
export type { EncodePlaced, PlacedTokens } from "./answers/placed-tokens.js";
export {
  readQuestions,
  splitQuestions,
  type Answer,
  type AnswerContext,
  type Question,
  type QuestionOptions,
  type Questions,
  type ReadQuestions,
} from "./answers/questions.js";
export type { BadRowHandler } from "./bad-rows.js";
export { cacheFolder } from "./cache/cache-folder.js";
export { openTokens, type OpenTokensOptions } from "./cache/open-tokens.js";
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
export type { FramedBatchOptions } from "./framed-batches.js";
export type { FramedRowOptions, FramedRows, FramePart, Framing } from "./framing.js";
export type { ColumnOptions } from "./labelled/columns.js";
export {
  labelledBatches,
  labelledEvaluationBatches,
  type LabelledBatch,
  type LabelledBatches,
  type LabelledBatchOptions,
  type LabelledEvaluationBatches,
} from "./labelled/labelled-batches.js";
export {
  readLabelledTexts,
  readLabelNames,
  splitTexts,
  type LabelledTextOptions,
  type LabelledTexts,
  type LabelReader,
  type ReadLabelledTexts,
} from "./labelled/labelled-texts.js";
export { loadTokenizer, type LoadTokenizerOptions } from "./load-tokenizer.js";
export { maskedBatches, type MaskedBatches, type MaskedBatchesOptions } from "./masked-batches.js";
export type { MaskedBatch, MaskingOptions } from "./masking.js";
export { readTexts, type ReadTextOptions, type TextPart } from "./read-texts.js";
export type { SpecialTokens } from "./special-tokens.js";
export {
  splitBlocks,
  type SplitBlocks,
  type SplitExamples,
  type SplitOptions,
} from "./split-blocks.js";
export { storedBlocks, type StoredBlocks, type StoredBlocksOptions } from "./stored-blocks.js";
export {
  type BlockSource,
  tokenBlocks,
  type TokenBlocks,
  type TokenBlocksOptions,
  type TextSource,
} from "./token-blocks.js";
export type { BadRows, TokeniseOptions, TokenStore } from "./token-store.js";
export { createTokenizer, type CreateTokenizerOptions, type TextTokenizer } from "./tokenizer.js";
export { type TokenizerFile, writeTokenizer } from "./tokenizer-file.js";
export { trainWordPiece, type WordPieceOptions } from "./train-wordpiece.js";
