import { createHeap } from "../training/heap.js";

/** Pairs that may be joined. */
export interface Merges {
  /** Rank of a pair, by left * 2^24 + right. */
  readonly ranks: Map<number, number>;
  /** Id that the pair of a rank becomes. */
  readonly joined: number[];
}

/** Most symbols for which a search of all pairs is quicker than a heap. */
const FEW = 128;

/** Rank of a pair that is not joined. */
const NEVER = 2 ** 31 - 1;

/** Joins the pair of lowest rank, the leftmost of several, until there is none. May change `symbols`. */
export function mergePairs(symbols: number[], merges: Merges): number[] {
  return symbols.length <= FEW ? mergeFew(symbols, merges) : mergeMany(symbols, merges);
}

/** Ranks of the pairs of the word at hand, found once and renewed where a symbol changes. */
const pairRanks = new Int32Array(FEW);

function mergeFew(symbols: number[], { joined, ranks }: Merges): number[] {
  const rankAt = (place: number): number =>
    ranks.get((symbols[place] as number) * 2 ** 24 + (symbols[place + 1] as number)) ?? NEVER;
  let pairs = symbols.length - 1;
  for (let place = 0; place < pairs; place++) pairRanks[place] = rankAt(place);
  for (;;) {
    let [best, at] = [NEVER, -1];
    for (let place = 0; place < pairs; place++) {
      const rank = pairRanks[place] as number;
      if (rank < best) [best, at] = [rank, place];
    }
    if (at < 0) break;
    symbols[at] = joined[best] as number;
    pairs--;
    for (let place = at + 1; place <= pairs; place++) {
      symbols[place] = symbols[place + 1] as number;
      pairRanks[place - 1] = pairRanks[place] as number;
    }
    symbols.length = pairs + 1;
    if (at > 0) pairRanks[at - 1] = rankAt(at - 1);
    if (at < pairs) pairRanks[at] = rankAt(at);
  }
  return symbols;
}

interface Candidate {
  readonly rank: number;
  readonly place: number;
  /** The pair as it was found; another one now has made it void. */
  readonly left: number;
  readonly right: number;
}

function mergeMany(symbols: readonly number[], { joined, ranks }: Merges): number[] {
  const ids = Int32Array.from(symbols);
  const next = Int32Array.from(ids, (_, place) => place + 1);
  const previous = Int32Array.from(ids, (_, place) => place - 1);
  const isGone = new Uint8Array(ids.length);
  const heap = createHeap<Candidate>((one, other) =>
    one.rank === other.rank ? one.place < other.place : one.rank < other.rank,
  );
  const offer = (place: number): void => {
    const behind = place < 0 ? ids.length : (next[place] as number);
    if (behind >= ids.length) return;
    const [left, right] = [ids[place] as number, ids[behind] as number];
    const rank = ranks.get(left * 2 ** 24 + right);
    if (rank !== undefined) heap.push({ rank, place, left, right });
  };
  for (let place = 0; place < ids.length; place++) offer(place);
  for (let top = heap.pop(); top !== undefined; top = heap.pop()) {
    const { left, place, rank, right } = top;
    const behind = next[place] as number;
    if (isGone[place] === 1 || behind >= ids.length) continue;
    if (ids[place] !== left || ids[behind] !== right) continue;
    ids[place] = joined[rank] as number;
    isGone[behind] = 1;
    const after = next[behind] as number;
    next[place] = after;
    if (after < ids.length) previous[after] = place;
    offer(previous[place] as number);
    offer(place);
  }
  return Array.from(ids).filter((_, place) => isGone[place] === 0);
}
