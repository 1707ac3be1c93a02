import { resolve } from "node:path";
import type { StoredBlocks, TextTokenizer, TokenStore } from "@ligo/data";
import type { TensorSpecs } from "@ligo/engine";
import { UsageError } from "../usage-error.js";
import { checkKnown } from "./check-known.js";
import { pickFeeds } from "./feeds.js";
import { textFingerprint } from "./fingerprint.js";
import { judgedAmount } from "./judged-amount.js";
import type { Task, TokenFacts } from "./task.js";
import type { TaskOptions } from "./task-options.js";
import { openTokenizer, tokenizerFiles } from "./tokenizer-files.js";
import { warnOfFiles, warnOfRows } from "./warnings.js";

/** Text as blocks of tokens, some of them held out. */
export interface TextCorpus {
  readonly tokenizer: TextTokenizer;
  /** What was asked of the text, for records. */
  readonly settings: Task["settings"];
  /** The tokens of each source, and of what is judged by where that is apart. */
  readonly stores: readonly TokenStore[];
  /** Empty where all of it is held out. */
  readonly train: StoredBlocks;
  readonly heldOut: StoredBlocks;
}

/** What training batches of a corpus are made of: all that is held out where that is all. */
export function learnedBlocks({ train, heldOut }: TextCorpus): StoredBlocks {
  return train.count > 0 ? train : heldOut;
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
 * Reads and tokenises text. The same files, tokenizer, sequence, share and seed always hold out the same
 * blocks, whatever the command; with weights every entry of `data` makes blocks of its own, and they are held out of all
 * alike. Throws `sdk/no-table`, `sdk/bad-weights`, `sdk/data-repeated`, `sdk/nothing-known` and
 * what `@ligo/data` throws.
 */
export async function loadTextCorpus(
  options: TaskOptions,
  { unit, requireMask }: TextCorpusKind,
): Promise<TextCorpus> {
  const { cacheFolder, findFiles, openTokens, splitBlocks, storedBlocks } =
    await import("@ligo/data");
  const { cache, data, dataWeights, evalData, heldOut, seed, sequence, textColumn } = options;
  await checkTextColumn(options);
  const tokenizer = await openTokenizer(options, { requireMask });
  const open = async (patterns: readonly string[]): Promise<TokenStore> => {
    const store = await openTokens(patterns, tokenizer, {
      unit,
      skipBadRows: options.skipBadRows ?? false,
      ...(textColumn === undefined ? {} : { textColumn }),
      ...(cache === false ? {} : { cache: cache ?? cacheFolder() }),
      onNote: (message) => options.emit({ type: "warning", code: "token-cache", message }),
    });
    warnOfFiles((await findFiles(patterns)).leftOut, options);
    warnOfRows(store.badRows, options);
    return store;
  };
  const stores: TokenStore[] = [];
  for (const patterns of dataWeights === undefined
    ? [data]
    : await weightedSources(data, dataWeights)) {
    stores.push(await open(patterns));
  }
  const settings = {
    textColumn: textColumn ?? null,
    skipBadRows: options.skipBadRows ?? false,
    dataWeights: dataWeights ?? null,
  };
  const cut = (
    from: readonly TokenStore[],
    minimumBlocks: number,
    named: readonly string[],
  ): StoredBlocks => {
    const blocks = storedBlocks(from, tokenizer, { sequence, unit, minimumBlocks });
    for (const [index, store] of from.entries()) {
      const own = storedBlocks([store], tokenizer, { sequence, unit });
      checkKnown(
        blockTokens(own),
        tokenizer,
        from.length === 1 ? named : named.slice(index, index + 1),
      );
    }
    return blocks;
  };
  if (evalData !== undefined) {
    const judged = await open(evalData);
    return {
      settings,
      tokenizer,
      stores: [...stores, judged],
      train: cut(stores, 1, data),
      heldOut: cut([judged], 1, evalData),
    };
  }
  const blocks = cut(stores, heldOut === "all" ? 1 : MINIMUM_BLOCKS, data);
  if (heldOut !== "all") {
    const parts = splitBlocks(blocks, { heldOut, seed });
    for (const part of [parts.train, parts.heldOut]) {
      checkKnown(blockTokens(part), tokenizer, data);
    }
    return { settings, tokenizer, stores, ...parts };
  }
  return { settings, tokenizer, stores, train: { ...blocks, count: 0 }, heldOut: blocks };
}

/** Throws `sdk/no-table` where a column is named, and none of the data is a table. */
async function checkTextColumn({ data, evalData = [], textColumn }: TaskOptions): Promise<void> {
  if (textColumn === undefined) return;
  const { findTextFiles, isTable } = await import("@ligo/data");
  const all = [...data, ...evalData];
  if ((await findTextFiles(all)).some(isTable)) return;
  throw new UsageError(
    "sdk/no-table",
    `\`textColumn\` is "${textColumn}", but ${all.join(", ")} holds no table. Leave it out, or name files ending in .csv, .tsv, ` +
      ".jsonl or .parquet.",
    { file: data[0], expected: "a table", actual: "text" },
  );
}

function* blockTokens(blocks: StoredBlocks): Generator<Int32Array, void, undefined> {
  for (let block = 0; block < blocks.count; block++) yield blocks.rows([block]);
}

/** One source for each entry of `data`. */
async function weightedSources(
  data: readonly string[],
  weights: readonly number[],
): Promise<readonly (readonly string[])[]> {
  if (data.length !== weights.length) {
    throw new UsageError(
      "sdk/bad-weights",
      `\`data\` names ${data.length} sources and \`dataWeights\` ${weights.length} weights; give one weight for each. ` +
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
          "sdk/data-repeated",
          `${path} is in several sources of \`data\`; with weights it would be held out of one and learned from in the other.`,
          { file: path },
        );
      }
      seen.add(file);
    }
  }
  return data.map((source) => [source]);
}

/**
 * Where the tokens of a corpus are, and how batches are made of them, for those that make the same ones elsewhere. `undefined` where
 * they are of several sources.
 */
export function tokenFacts(
  { heldOut, stores, tokenizer }: TextCorpus,
  { seed }: Pick<TaskOptions, "seed">,
  masking?: Pick<NonNullable<TokenFacts["masking"]>, "vocabulary" | "fraction">,
): TokenFacts | undefined {
  const [store, ...others] = stores;
  if (store === undefined || others.length > 0) return undefined;
  const { all, classify = 0, mask = 0, separate = 0 } = tokenizer.special;
  const { count, file = null, sha256 } = store;
  return {
    file,
    sha256,
    count,
    sequence: heldOut.sequence,
    frame: masking === undefined ? null : [classify, separate],
    heldOut: heldOut.count,
    seed,
    masking: masking === undefined ? null : { ...masking, token: mask, special: [...all] },
  };
}

/** Batches of blocks, and what they hold. */
export interface CorpusBatches {
  readonly train: { readonly stepsPerEpoch: number; at(step: number): object };
  /** All batches to judge by, or those of at most so many blocks. */
  judged(limit: { readonly limitBlocks?: number }): readonly object[];
  readonly specs: TensorSpecs;
  /** Share of the tokens that have a label. */
  readonly labelledFraction: number;
}

/** What every task on text says of itself. */
export function describeCorpus(
  { settings, tokenizer, stores, train, heldOut }: TextCorpus,
  batch: number,
  batches: CorpusBatches,
): Omit<Task, "objective" | "judgedBy" | "scorer" | "teacher"> {
  const { sequence } = heldOut;
  const { labelledFraction, specs } = batches;
  return {
    specs,
    judgedSpecs: specs,
    unit: "tokens",
    unitsPerBatch: batch * sequence,
    batchesPerEpoch: batches.train.stepsPerEpoch,
    cost: { tokens: batch * sequence, sequence, labelledFraction },
    training: { count: train.count, of: "blocks", sequence },
    heldOut: { count: heldOut.count, of: "blocks" },
    judgedSize: { blocks: heldOut.count, sequence },
    batch: async (step) => pickFeeds(batches.train.at(step), specs),
    judgedBatches(limit) {
      const all = batches.judged(limit === undefined ? {} : { limitBlocks: limit });
      return {
        count: all.length,
        judged: judgedAmount({ count: heldOut.count, of: "blocks" }, limit),
        at: async (index) => pickFeeds(all[index] as object, specs),
      };
    },
    settings,
    fingerprint: () => textFingerprint(sequence, stores, tokenizer.files),
    files: tokenizerFiles(tokenizer),
  };
}
