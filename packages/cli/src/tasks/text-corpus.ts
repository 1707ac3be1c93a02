import { basename, resolve } from "node:path";
import type { ExtraFile } from "@ligo/checkpoint";
import type { StoredBlocks, TextTokenizer, TokenStore } from "@ligo/data";
import type { ModelSpec } from "../models/model-spec.js";
import { vocabularySize } from "../models/model-limits.js";
import { UsageError } from "../usage-error.js";
import { textFingerprint } from "./fingerprint.js";
import type { Task } from "./task.js";
import type { TaskOptions } from "./task-options.js";

/** Text as blocks of tokens, some of them held out. */
export interface TextCorpus {
  readonly tokenizer: TextTokenizer;
  /** What was asked of the text, for records. */
  readonly settings: Task["settings"];
  /** The tokens of each source. */
  readonly stores: readonly TokenStore[];
  /** Empty where all of it is held out. */
  readonly train: StoredBlocks;
  readonly heldOut: StoredBlocks;
}

/** What an objective wants of text. */
export interface TextCorpusKind {
  /** Blocks of lines, framed by special tokens, or of whole documents. */
  readonly unit: "lines" | "documents";
  /** Whether the tokenizer must have a mask token. */
  readonly requireMask: boolean;
}

/** Blocks of a smaller corpus could not be both learned from and held out. */
const MINIMUM_BLOCKS = 2;

/**
 * Reads and tokenises text for a model. The same files, tokenizer, sequence, share and seed always hold out the same
 * blocks, whatever the command; with weights every entry of `data` makes blocks of its own, and they are held out of all
 * alike. Throws `cli/vocabulary-mismatch`, `cli/bad-weights`, `cli/data-repeated` and what `@ligo/data` throws.
 */
export async function loadTextCorpus(
  spec: ModelSpec,
  options: TaskOptions,
  { unit, requireMask }: TextCorpusKind,
): Promise<TextCorpus> {
  const { cacheFolder, loadTokenizer, openTokens, splitBlocks, storedBlocks } =
    await import("@ligo/data");
  const { cache, data, dataWeights, heldOut, reporter, seed, sequence, textColumn } = options;
  const tokenizer = await loadTokenizer(options.tokenizer ?? options.folder, { requireMask });
  checkVocabulary(tokenizer, spec);
  const sources = dataWeights === undefined ? [data] : await weightedSources(data, dataWeights);
  const stores: TokenStore[] = [];
  for (const patterns of sources) {
    const store = await openTokens(patterns, tokenizer, {
      unit,
      skipBadRows: options.skipBadRows ?? false,
      ...(textColumn === undefined ? {} : { textColumn }),
      ...(cache === false ? {} : { cache: cache ?? cacheFolder() }),
      onNote: (text) => reporter?.note(text),
    });
    const { count, first } = store.badRows;
    if (count > 0) reporter?.note(`Left out ${count} rows that cannot be used:`);
    for (const row of first) reporter?.note(`  ${row}`);
    if (count > first.length) reporter?.note("  ...");
    stores.push(store);
  }
  const minimumBlocks = heldOut === "all" ? 1 : MINIMUM_BLOCKS;
  const blocks = storedBlocks(stores, tokenizer, { sequence, unit, minimumBlocks });
  const settings = {
    textColumn: textColumn ?? null,
    skipBadRows: options.skipBadRows ?? false,
    dataWeights: dataWeights ?? null,
  };
  if (heldOut !== "all") {
    return { settings, tokenizer, stores, ...splitBlocks(blocks, { heldOut, seed }) };
  }
  return { settings, tokenizer, stores, train: { ...blocks, count: 0 }, heldOut: blocks };
}

/** One source for each entry of `data`. */
async function weightedSources(
  data: readonly string[],
  weights: readonly number[],
): Promise<readonly (readonly string[])[]> {
  if (data.length !== weights.length) {
    throw new UsageError(
      "cli/bad-weights",
      `--data names ${data.length} sources and --data-weights ${weights.length} weights; give one weight for each. ` +
        "Put a glob in quotes, else the shell makes several files of it.",
      { expected: `${data.length} weights`, actual: `${weights.length} weights` },
    );
  }
  const { findTextFiles } = await import("@ligo/data");
  const seen = new Set<string>();
  for (const source of data) {
    for (const path of await findTextFiles([source])) {
      const file = resolve(path);
      if (seen.has(file)) {
        throw new UsageError(
          "cli/data-repeated",
          `${path} is in several sources of --data; with weights it would be held out of one and learned from in the other.`,
          { file: path },
        );
      }
      seen.add(file);
    }
  }
  return data.map((source) => [source]);
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
  { settings, tokenizer, stores, train, heldOut }: TextCorpus,
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
    settings,
    fingerprint: () => textFingerprint(sequence, stores, tokenizer.files),
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
