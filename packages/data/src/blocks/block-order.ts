import { createRandom } from "@ligo/core";
import { createBoundedCache } from "@ligo/core/stream";
import { DataError } from "../errors/data-error.js";
import { createMixture, mixtureEpoch } from "./mixture.js";
import { checkInteger } from "../errors/check-integer.js";
import { permutation } from "./permutation.js";
import { checkSources } from "./stored-blocks.js";
import type { BlockSource } from "./blocks.js";

/** Orders kept of a source; a batch seldom touches more than two epochs. */
const KEPT_ORDERS = 2;

/** How the blocks of a batch are chosen. */
export interface OrderOptions {
  readonly batch: number;
  readonly seed: number;
  /** Weight of each source of the blocks. Default: all blocks are one source. */
  readonly weights?: readonly number[];
}

/** The order a source is drawn from in, by itself: each of its epochs shows every block once, in an order drawn for that epoch. */
function shuffledOrder(count: number, label: string, seed: number): (place: number) => number {
  const orders = createBoundedCache<number, Int32Array>({
    limit: KEPT_ORDERS,
    eviction: "least-recent",
  });
  const drawn = (epoch: number): Int32Array =>
    permutation(count, createRandom(seed).fork(`${label}/${epoch}`));
  const orderOf = (epoch: number): Int32Array =>
    orders.get(epoch) ?? orders.set(epoch, drawn(epoch));
  return (place) => orderOf(Math.floor(place / count))[place % count] ?? 0;
}

/** The rows of the batch of a step, of `count` that are drawn from as {@link shuffledOrder} says. */
function shuffledRows(
  count: number,
  { batch, seed }: Pick<OrderOptions, "batch" | "seed">,
): (step: number) => readonly number[] {
  return rowsOf(shuffledOrder(count, "order", seed), batch);
}

function rowsOf(
  rowAt: (place: number) => number,
  batch: number,
): (step: number) => readonly number[] {
  return (step) => {
    checkInteger("step", step, 0);
    return Array.from({ length: batch }, (_, row) => rowAt(step * batch + row));
  };
}

/**
 * The blocks of the batch of a step. Each epoch shows every block once, in an order drawn for that epoch; epochs follow
 * each other without a gap. With weights that holds of every source by itself, and sources take turns in proportion.
 */
export function blockOrder(
  blocks: BlockSource,
  { batch, seed, weights }: OrderOptions,
): (step: number) => readonly number[] {
  if (weights === undefined) return shuffledRows(blocks.count, { batch, seed });
  return rowsOf(mixedOrder(sourcesOf(blocks, weights), weights, seed), batch);
}

function mixedOrder(
  counts: readonly number[],
  weights: readonly number[],
  seed: number,
): (place: number) => number {
  const mixture = createMixture(weights);
  const orders = counts.map((count, source) =>
    shuffledOrder(count, `order/source-${source}`, seed),
  );
  const starts = counts.map((_, source) =>
    counts.slice(0, source).reduce((sum, count) => sum + count, 0),
  );
  return (draw) => {
    const { source, place } = mixture(draw);
    return (starts[source] ?? 0) + (orders[source]?.(place) ?? 0);
  };
}

/** Steps until every block has been seen: of every source, where there are weights. */
export function stepsPerEpoch(blocks: BlockSource, { batch, weights }: OrderOptions): number {
  const draws =
    weights === undefined ? blocks.count : mixtureEpoch(weights, sourcesOf(blocks, weights));
  return Math.ceil(draws / batch);
}

/** Blocks of each source. Throws `data/bad-option` where there is not one weight for each. */
function sourcesOf(blocks: BlockSource, weights: readonly number[]): readonly number[] {
  const sources = "tokens" in blocks ? [blocks.count] : blocks.sources;
  if (sources.length === weights.length) {
    checkSources(sources);
    return sources;
  }
  throw new DataError(
    "data/bad-option",
    `There are ${weights.length} weights for ${sources.length} sources; give one for each.`,
    { expected: `${sources.length} weights`, actual: `${weights.length} weights` },
  );
}

/** The blocks of a batch to judge by, and how many of them count: the last batch is filled up with others. */
export interface JudgedRows {
  readonly chosen: readonly number[];
  readonly counted: number;
}

/** How many blocks are judged by, and how many a batch has. */
export interface JudgedOptions {
  readonly batch: number;
  readonly limitBlocks?: number | undefined;
}

/** Every block once, in order, or at most `limitBlocks` spread evenly over all. Throws `data/too-small` where there is none. */
export function judgedRows(
  count: number,
  { batch, limitBlocks }: JudgedOptions,
): readonly JudgedRows[] {
  if (count === 0) {
    throw new DataError(
      "data/too-small",
      "There is nothing to judge by; hold out more of the data.",
      {
        expected: "at least 1 example",
        actual: "0 examples",
      },
    );
  }
  const used = Math.min(checkInteger("limitBlocks", limitBlocks ?? count, 1), count);
  const blockAt = (place: number): number => Math.floor(((place % used) * count) / used);
  return Array.from({ length: Math.ceil(used / batch) }, (_, index) => ({
    chosen: Array.from({ length: batch }, (_, row) => blockAt(index * batch + row)),
    counted: Math.min(batch, used - index * batch),
  }));
}

/** Makes a batch of some of the examples there are, of which the first `counted` count. */
export type GatherRows<Batch> = (chosen: readonly number[], counted: number) => Batch;

/** Batches of `count` examples that are drawn as {@link blockOrder} draws blocks; any of them can be had at once. */
export function shuffledBatches<Batch>(
  count: number,
  { batch, seed }: Pick<OrderOptions, "batch" | "seed">,
  gather: GatherRows<Batch>,
): { readonly stepsPerEpoch: number; readonly at: (step: number) => Batch } {
  const rowsAt = shuffledRows(count, { batch, seed });
  return {
    stepsPerEpoch: Math.ceil(count / batch),
    at: (step) => gather(rowsAt(step), batch),
  };
}

/** Batches of `count` examples to judge by, as {@link judgedRows} chooses them. */
export function judgedBatches<Batch>(
  count: number,
  options: JudgedOptions,
  gather: GatherRows<Batch>,
): { readonly count: number; readonly at: (index: number) => Batch } {
  const rows = judgedRows(count, options);
  return {
    count: rows.length,
    at(index) {
      const { chosen = [], counted = 0 } = rows[index] ?? {};
      return gather(chosen, counted);
    },
  };
}

/** Throws `data/too-small` for an empty corpus. */
export function checkNotEmpty(blocks: BlockSource): void {
  if (blocks.count > 0) return;
  throw new DataError("data/too-small", "There is no block to make batches of; give more text.", {
    expected: "at least 1 block",
    actual: "0 blocks",
  });
}
