export {
  answerBatches,
  answerEvaluationBatches,
  type AnswerBatch,
  type AnswerBatches,
  type AnswerBatchOptions,
  type AnswerEvaluationBatches,
} from "./answers/answer-batches.js";
export type { AnswerWindow, WindowOptions } from "./answers/answer-windows.js";
export type { EncodePlaced, PlacedTokens } from "./tokenizer/placed-tokens.js";
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
export type { BadRowHandler } from "./errors/bad-rows.js";
export { cacheFolder } from "./tokens/cache/cache-folder.js";
export { openTokens, type OpenTokensOptions } from "./tokens/cache/open-tokens.js";
export {
  causalBatches,
  causalEvaluationBatches,
  type CausalBatch,
  type CausalBatches,
  type CausalBatchOptions,
  type CausalEvaluationOptions,
} from "./batches/causal-batches.js";
export { causalBlocks } from "./blocks/causal-blocks.js";
export { DataError } from "./errors/data-error.js";
export { evaluationBatches, type EvaluationOptions } from "./batches/evaluation-batches.js";
export { findTextFiles, type FindTextOptions, TEXT_EXTENSIONS } from "./texts/find-text-files.js";
export type { FramedBatchOptions } from "./batches/framed-batches.js";
export type { FramedRowOptions, FramedRows, FramePart, Framing } from "./tokenizer/framing.js";
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
export { loadTokenizer, type LoadTokenizerOptions } from "./tokenizer/load-tokenizer.js";
export {
  maskedBatches,
  type MaskedBatches,
  type MaskedBatchesOptions,
} from "./batches/masked-batches.js";
export type { MaskedBatch, MaskingOptions } from "./batches/masking.js";
export { readTexts, type ReadTextOptions, type TextPart } from "./texts/read-texts.js";
export type { SpecialTokens } from "./tokenizer/special-tokens.js";
export {
  splitBlocks,
  type SplitBlocks,
  type SplitExamples,
  type SplitOptions,
} from "./blocks/split-blocks.js";
export {
  storedBlocks,
  type StoredBlocks,
  type StoredBlocksOptions,
} from "./blocks/stored-blocks.js";
export {
  type BlockSource,
  tokenBlocks,
  type TokenBlocks,
  type TokenBlocksOptions,
  type TextSource,
} from "./blocks/token-blocks.js";
export type { BadRows, TokeniseOptions, TokenStore } from "./tokens/token-store.js";
export {
  createTokenizer,
  type CreateTokenizerOptions,
  type TextTokenizer,
} from "./tokenizer/tokenizer.js";
export { type TokenizerFile, writeTokenizer } from "./tokenizer/tokenizer-file.js";
export { trainWordPiece, type WordPieceOptions } from "./tokenizer/training/train-wordpiece.js";
