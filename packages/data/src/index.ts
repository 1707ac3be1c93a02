// Files and texts
export { DataError } from "./errors/data-error.js";
export { isTable } from "./formats/data-format.js";
export type { BadRowHandler, BadRows } from "./errors/bad-rows.js";
export {
  findFiles,
  findTextFiles,
  type FindTextOptions,
  type FoundFiles,
  type LeftOutFile,
  TEXT_EXTENSIONS,
} from "./texts/find-text-files.js";
export { readTexts, type ReadTextOptions, type TextPart } from "./texts/read-texts.js";

// Tokenizers
export { loadTokenizer, type LoadTokenizerOptions } from "./tokenizer/load-tokenizer.js";
export {
  createTokenizer,
  type CreateTokenizerOptions,
  type TextTokenizer,
} from "./tokenizer/tokenizer.js";
export { type TokenizerFile, writeTokenizer } from "./tokenizer/tokenizer-file.js";
export { trainWordPiece, type WordPieceOptions } from "./tokenizer/training/train-wordpiece.js";
export type { FramedRowOptions, FramedRows, FramePart, Framing } from "./tokenizer/framing.js";
export type { EncodePlaced, PlacedTokens } from "./tokenizer/placed-tokens.js";
export type { SpecialTokens } from "./tokenizer/special-tokens.js";

// Tokens and blocks of them
export { cacheFolder } from "./tokens/cache/cache-folder.js";
export { openTokens, type OpenTokensOptions } from "./tokens/cache/open-tokens.js";
export type { TextSource } from "./tokens/push-texts.js";
export type { TokeniseOptions, TokenStore } from "./tokens/token-store.js";
export type { BlockSource, StoredBlocks, TokenBlocks } from "./blocks/blocks.js";
export { causalBlocks } from "./blocks/causal-blocks.js";
export {
  splitBlocks,
  type SplitBlocks,
  type SplitExamples,
  type SplitOptions,
} from "./blocks/split-blocks.js";
export { storedBlocks, type StoredBlocksOptions } from "./blocks/stored-blocks.js";
export { tokenBlocks, type TokenBlocksOptions } from "./blocks/token-blocks.js";

// Batches of blocks
export {
  causalBatches,
  causalEvaluationBatches,
  type CausalBatch,
  type CausalBatches,
  type CausalBatchOptions,
  type CausalEvaluationOptions,
} from "./batches/causal-batches.js";
export { evaluationBatches, type EvaluationOptions } from "./batches/evaluation-batches.js";
export type { FramedBatchOptions } from "./batches/framed-batches.js";
export {
  maskedBatches,
  type MaskedBatches,
  type MaskedBatchesOptions,
} from "./batches/masked-batches.js";
export type { MaskedBatch, MaskingOptions } from "./batches/masking.js";

// Labelled texts
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
  splitTexts,
  type LabelledTextOptions,
  type LabelledTexts,
  type LabelReader,
  type ReadLabelledTexts,
} from "./labelled/labelled-texts.js";
export { readLabels, type FoundLabels } from "./labelled/read-labels.js";

// Questions and their answers
export {
  answerBatches,
  answerEvaluationBatches,
  type AnswerBatch,
  type AnswerBatches,
  type AnswerBatchOptions,
  type AnswerEvaluationBatches,
} from "./answers/answer-batches.js";
export type { AnswerWindow, WindowOptions } from "./answers/answer-windows.js";
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
