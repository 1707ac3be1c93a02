import { checkInteger } from "../errors/check-integer.js";
import { DataError } from "../errors/data-error.js";
import type { TextTokenizer } from "../tokenizer/tokenizer.js";
import type { TokenStore } from "../tokens/token-store.js";
import type { StoredBlocks } from "./blocks.js";
import { countBlocks } from "./count-blocks.js";
import { checkFrame, FRAME } from "./frame.js";

/** Options of {@link storedBlocks}. */
export interface StoredBlocksOptions {
  /** Tokens of a block. */
  readonly sequence: number;
  /** As `tokenBlocks` (`lines`: each block framed by the opening and the closing token) or `causalBlocks` (`documents`) cut them. */
  readonly unit: "lines" | "documents";
  /** Fewer blocks than this of all sources together are an error. Default 1. */
  readonly minimumBlocks?: number;
}

/**
 * The blocks of token stores, each a source of its own: what `tokenBlocks` and `causalBlocks` give for the same texts, but read
 * when needed. Throws what these throw, and `data/too-small` for a source that gives no block.
 */
export function storedBlocks(
  stores: readonly TokenStore[],
  tokenizer: TextTokenizer,
  options: StoredBlocksOptions,
): StoredBlocks {
  const framed = options.unit === "lines";
  const frame = framed ? FRAME : 0;
  const sequence = checkInteger("sequence", options.sequence, framed ? FRAME + 1 : 2);
  const inner = sequence - frame;
  const [open, close] = framed ? checkFrame(tokenizer) : [0, 0];
  const tokens = stores.reduce((sum, { count }) => sum + count, 0);
  if (stores.length === 1) countBlocks(tokens, inner, options);
  const sources = stores.map(({ count }) => countBlocks(count, inner, { sequence }));
  const count = sources.reduce((sum, one) => sum + one, 0);
  countBlocks(count * inner, inner, options);
  const read = (block: number, into: Int32Array): void => {
    let place = block;
    for (const [source, held] of sources.entries()) {
      if (place < held) {
        stores[source]?.read(place * inner, into);
        return;
      }
      place -= held;
    }
    throw new RangeError(`There is no block ${block} of ${count}.`);
  };
  return {
    sequence,
    count,
    sources,
    largest: Math.max(open, close, ...stores.map((store) => store.largest)),
    rows(chosen) {
      const rows = new Int32Array(chosen.length * sequence);
      for (const [row, block] of chosen.entries()) {
        const start = row * sequence;
        if (framed) {
          rows[start] = open;
          rows[start + sequence - 1] = close;
        }
        read(block, rows.subarray(start + frame / 2, start + frame / 2 + inner));
      }
      return rows;
    },
  };
}

/** The blocks that `blockAt` names, which are `count`; `sources` of them come from each source, in order. */
export function selectBlocks(
  blocks: StoredBlocks,
  sources: readonly number[],
  blockAt: (place: number) => number,
): StoredBlocks {
  return {
    ...blocks,
    count: sources.reduce((sum, one) => sum + one, 0),
    sources,
    rows: (chosen) => blocks.rows(chosen.map(blockAt)),
  };
}

/** Throws `data/too-small` for a source without blocks to learn from, which has a weight all the same. */
export function checkSources(sources: readonly number[]): void {
  const empty = sources.indexOf(0);
  if (empty < 0) return;
  throw new DataError(
    "data/too-small",
    `Source ${empty + 1} of ${sources.length} has no block to learn from; give it more text, or hold out less.`,
    { expected: "at least 1 block", actual: "0 blocks" },
  );
}
