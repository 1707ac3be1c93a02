import { basename } from "node:path";
import type { ExtraFile } from "@ligo/checkpoint";
import type { TextPart, TextTokenizer, TokenBlocks, TokenBlocksOptions } from "@ligo/data";
import type { ModelSpec } from "../models/model-spec.js";
import { vocabularySize } from "../models/model-limits.js";
import { UsageError } from "../usage-error.js";
import { textFingerprint } from "./fingerprint.js";
import type { Task } from "./task.js";
import type { TaskOptions } from "./task-options.js";

/** Text as blocks of tokens, some of them held out. */
export interface TextCorpus {
  readonly tokenizer: TextTokenizer;
  /** Empty where all of it is held out. */
  readonly train: TokenBlocks;
  readonly heldOut: TokenBlocks;
}

/** Cuts texts into blocks. */
type BlockMaker = (
  texts: AsyncIterable<TextPart>,
  tokenizer: TextTokenizer,
  options: TokenBlocksOptions,
) => Promise<TokenBlocks>;

/** What an objective wants of text. */
export interface TextCorpusKind {
  readonly makeBlocks: BlockMaker;
  /** Whether the tokenizer must have a mask token. */
  readonly requireMask: boolean;
}

/** Blocks of a smaller corpus could not be both learned from and held out. */
const MINIMUM_BLOCKS = 2;

/**
 * Reads and tokenises text for a model. The same files, tokenizer, sequence, share and seed always hold out the same
 * blocks, whatever the command. Throws `cli/vocabulary-mismatch` and what `@ligo/data` throws.
 */
export async function loadTextCorpus(
  spec: ModelSpec,
  options: TaskOptions,
  { makeBlocks, requireMask }: TextCorpusKind,
): Promise<TextCorpus> {
  const { loadTokenizer, readTexts, splitBlocks } = await import("@ligo/data");
  const { heldOut, seed, sequence } = options;
  const tokenizer = await loadTokenizer(options.tokenizer ?? options.folder, { requireMask });
  checkVocabulary(tokenizer, spec);
  const blocks = await makeBlocks(readTexts(options.data), tokenizer, {
    sequence,
    minimumBlocks: heldOut === "all" ? 1 : MINIMUM_BLOCKS,
  });
  if (heldOut !== "all") return { tokenizer, ...splitBlocks(blocks, { heldOut, seed }) };
  const empty: TokenBlocks = { sequence, count: 0, tokens: new Int32Array(0) };
  return { tokenizer, train: empty, heldOut: blocks };
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

/** What every task on text says of itself. */
export function describeCorpus(
  { tokenizer, train, heldOut }: TextCorpus,
  batch: number,
): Pick<
  Task,
  | "unit"
  | "unitsPerBatch"
  | "training"
  | "heldOut"
  | "judgedSize"
  | "settings"
  | "fingerprint"
  | "files"
> {
  const { sequence } = heldOut;
  return {
    unit: "tokens",
    unitsPerBatch: batch * sequence,
    training: `${train.count} blocks of ${sequence} tokens`,
    heldOut: `${heldOut.count} blocks`,
    judgedSize: { blocks: heldOut.count, sequence },
    settings: {},
    fingerprint: () => textFingerprint([train, heldOut], tokenizer.files),
    files: tokenizerFiles(tokenizer),
  };
}

/** A tokenizer's files as a checkpoint holds them. */
function tokenizerFiles(tokenizer: TextTokenizer): readonly ExtraFile[] {
  // The first one is tokenizer.json, by whatever name it was given.
  return tokenizer.files.map((path, index) => ({
    name: index === 0 ? "tokenizer.json" : basename(path),
    path,
  }));
}
