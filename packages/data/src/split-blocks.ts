import { createRandom } from "@ligo/core";
import { DataError } from "./data-error.js";
import { gatherRows, type TokenBlocks } from "./token-blocks.js";

/** Options of {@link splitBlocks}. */
export interface SplitOptions {
  /** Blocks to hold out: a fraction if below 1, else their number. */
  readonly heldOut: number;
  readonly seed: number;
}

/** Blocks to learn from and blocks to judge by; no block is in both. */
export interface SplitBlocks {
  readonly train: TokenBlocks;
  readonly heldOut: TokenBlocks;
}

/**
 * Holds out blocks spread over the whole corpus: it is cut into as many equal stretches as blocks are held out, and one
 * block is drawn from each. Both parts keep the order of the corpus and have at least one block.
 *
 * @throws DataError `data/too-small` if nothing would remain to train on, `data/bad-option`.
 */
export function splitBlocks(blocks: TokenBlocks, options: SplitOptions): SplitBlocks {
  const wanted = heldOutCount(options.heldOut, blocks.count);
  const random = createRandom(options.seed).fork("held-out");
  const drawn = new Set<number>();
  for (let stretch = 0; stretch < wanted; stretch++) {
    const start = Math.floor((stretch * blocks.count) / wanted);
    const end = Math.floor(((stretch + 1) * blocks.count) / wanted);
    drawn.add(start + random.integer(end - start));
  }
  const all = Array.from({ length: blocks.count }, (_, block) => block);
  return {
    train: takeBlocks(
      blocks,
      all.filter((block) => !drawn.has(block)),
    ),
    heldOut: takeBlocks(
      blocks,
      all.filter((block) => drawn.has(block)),
    ),
  };
}

/** The blocks with these numbers, copied, in this order. */
function takeBlocks(blocks: TokenBlocks, chosen: readonly number[]): TokenBlocks {
  return { sequence: blocks.sequence, count: chosen.length, tokens: gatherRows(blocks, chosen) };
}

function heldOutCount(heldOut: number, count: number): number {
  if (!(heldOut > 0) || (heldOut >= 1 && !Number.isSafeInteger(heldOut))) {
    throw new DataError(
      "data/bad-option",
      `heldOut is ${heldOut}; give a fraction between 0 and 1 or a number of blocks.`,
      { expected: "a fraction below 1 or an integer", actual: String(heldOut) },
    );
  }
  const wanted = heldOut < 1 ? Math.max(1, Math.round(heldOut * count)) : heldOut;
  if (wanted < count) return wanted;
  throw new DataError(
    "data/too-small",
    `The text gives ${count} block${count === 1 ? "" : "s"}; holding out ${wanted} leaves none to train on. Give more text, a ` +
      "shorter sequence, or hold out fewer blocks.",
    { expected: `more than ${wanted} blocks`, actual: `${count} blocks` },
  );
}
