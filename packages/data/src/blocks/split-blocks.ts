import { createRandom } from "@ligo/core";
import { DataError } from "../errors/data-error.js";
import { type BlockSource, gatherRows, type StoredBlocks, type TokenBlocks } from "./blocks.js";
import { selectBlocks } from "./stored-blocks.js";

/** Options of {@link splitBlocks}. */
export interface SplitOptions {
  /** Blocks to hold out: a fraction if below 1, else their number. */
  readonly heldOut: number;
  readonly seed: number;
}

/** Examples to learn from and examples to judge by; none is in both. */
export interface SplitExamples<Examples> {
  readonly train: Examples;
  readonly heldOut: Examples;
}

/** Blocks to learn from and blocks to judge by. */
export type SplitBlocks<Blocks extends BlockSource = TokenBlocks> = SplitExamples<Blocks>;

/**
 * Holds out blocks spread over the whole corpus: it is cut into as many equal stretches as blocks are held out, and one
 * block is drawn from each. Both parts keep the order of the corpus and have at least one block. Blocks in memory are copied;
 * stored blocks stay where they are.
 *
 * @throws DataError `data/too-small` if nothing would remain to train on, `data/bad-option`.
 */
export function splitBlocks(blocks: TokenBlocks, options: SplitOptions): SplitBlocks;
export function splitBlocks(blocks: StoredBlocks, options: SplitOptions): SplitBlocks<StoredBlocks>;
export function splitBlocks(blocks: BlockSource, options: SplitOptions): SplitBlocks<BlockSource> {
  const drawn = drawHeldOut(blocks.count, options);
  const left = blocks.count - drawn.length;
  const heldOutAt = (place: number): number => drawn[place] ?? 0;
  const trainAt = (place: number): number => place + drawnUpTo(drawn, place);
  if ("tokens" in blocks) {
    return {
      train: takeBlocks(blocks, left, trainAt),
      heldOut: takeBlocks(blocks, drawn.length, heldOutAt),
    };
  }
  const heldOut = countBySource(blocks.sources, drawn);
  const train = blocks.sources.map((count, source) => count - (heldOut[source] ?? 0));
  return {
    train: selectBlocks(blocks, train, trainAt),
    heldOut: selectBlocks(blocks, heldOut, heldOutAt),
  };
}

/**
 * Holds out some of `count` examples of any kind, as {@link splitBlocks} holds out blocks.
 *
 * @param unit what an example is called
 * @param choose makes a part of the numbers of its examples, which ascend
 */
export function splitExamples<Examples>(
  count: number,
  options: SplitOptions,
  unit: string,
  choose: (places: Int32Array) => Examples,
): SplitExamples<Examples> {
  const heldOut = drawHeldOut(count, options, unit);
  const train = Int32Array.from(
    { length: count - heldOut.length },
    (_, place) => place + drawnUpTo(heldOut, place),
  );
  return { train: choose(train), heldOut: choose(heldOut) };
}

/** The numbers of the blocks held out, ascending. */
function drawHeldOut(count: number, options: SplitOptions, unit: string = "block"): Int32Array {
  const wanted = heldOutCount(options.heldOut, count, unit);
  const random = createRandom(options.seed).fork("held-out");
  return Int32Array.from({ length: wanted }, (_, stretch) => {
    const start = Math.floor((stretch * count) / wanted);
    const end = Math.floor(((stretch + 1) * count) / wanted);
    return start + random.integer(end - start);
  });
}

/** How many held-out blocks come before the block that is in place `place` of the others; by bisection. */
function drawnUpTo(drawn: Int32Array, place: number): number {
  let [low, high] = [0, drawn.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    // drawn[middle] - middle of the others come before drawn[middle]
    if ((drawn[middle] ?? 0) - middle <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many of the blocks `drawn` are of each source. */
function countBySource(sources: readonly number[], drawn: Int32Array): readonly number[] {
  const ends = sources.map((_, source) =>
    sources.slice(0, source + 1).reduce((sum, count) => sum + count, 0),
  );
  const counts = sources.map(() => 0);
  let source = 0;
  for (const block of drawn) {
    while (block >= (ends[source] ?? Number.POSITIVE_INFINITY)) source++;
    counts[source] = (counts[source] ?? 0) + 1;
  }
  return counts;
}

/** `count` blocks, copied. */
function takeBlocks(
  blocks: TokenBlocks,
  count: number,
  blockAt: (place: number) => number,
): TokenBlocks {
  const chosen = Array.from({ length: count }, (_, place) => blockAt(place));
  return { sequence: blocks.sequence, count, tokens: gatherRows(blocks, chosen) };
}

function heldOutCount(heldOut: number, count: number, unit: string): number {
  if (!(heldOut > 0) || (heldOut >= 1 && !Number.isSafeInteger(heldOut))) {
    throw new DataError(
      "data/bad-option",
      `\`heldOut\` is ${heldOut}; give a fraction between 0 and 1 or a number of ${unit}s.`,
      { expected: "a fraction below 1 or an integer", actual: String(heldOut) },
    );
  }
  const wanted = heldOut < 1 ? Math.max(1, Math.round(heldOut * count)) : heldOut;
  if (wanted < count) return wanted;
  throw new DataError(
    "data/too-small",
    `The data give ${count} ${unit}${count === 1 ? "" : "s"}; holding out ${wanted} leaves none to train on. Give more data, ` +
      `${unit === "block" ? "a shorter sequence, " : ""}or hold out fewer ${unit}s.`,
    { expected: `more than ${wanted} ${unit}s`, actual: `${count} ${unit}s` },
  );
}
