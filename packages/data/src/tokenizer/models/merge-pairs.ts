import { createHeap } from "../training/heap.js";

/** Rank of every pair that may be joined, and the id that it becomes, by left * 2^24 + right. */
export type Merges = Map<number, { readonly rank: number; readonly joined: number }>;

/** Most symbols for which a search of all pairs is quicker than a heap. */
const FEW = 96;

/** Joins the pair of lowest rank, the leftmost of several, until there is none. May change `symbols`. */
export function mergePairs(symbols: number[], merges: Merges): number[] {
  return symbols.length <= FEW ? mergeFew(symbols, merges) : mergeMany(symbols, merges);
}

function mergeFew(symbols: number[], merges: Merges): number[] {
  // rank of each pair, found once and renewed where a symbol changes
  const ranks: number[] = [];
  const rankAt = (place: number): number =>
    merges.get((symbols[place] as number) * 2 ** 24 + (symbols[place + 1] as number))?.rank ??
    Number.POSITIVE_INFINITY;
  for (let place = 0; place + 1 < symbols.length; place++) ranks.push(rankAt(place));
  for (;;) {
    let [best, at] = [Number.POSITIVE_INFINITY, -1];
    for (let place = 0; place < ranks.length; place++) {
      const rank = ranks[place] as number;
      if (rank < best) [best, at] = [rank, place];
    }
    if (at < 0) return symbols;
    const pair = (symbols[at] as number) * 2 ** 24 + (symbols[at + 1] as number);
    symbols.splice(at, 2, merges.get(pair)?.joined as number);
    ranks.splice(at, 1);
    if (at > 0) ranks[at - 1] = rankAt(at - 1);
    if (at < ranks.length) ranks[at] = rankAt(at);
  }
}

interface Candidate {
  readonly rank: number;
  readonly place: number;
  readonly joined: number;
  /** The pair as it was found; another one now has made it void. */
  readonly left: number;
  readonly right: number;
}

function mergeMany(symbols: readonly number[], merges: Merges): number[] {
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
    const merge = merges.get(left * 2 ** 24 + right);
    if (merge !== undefined) heap.push({ ...merge, place, left, right });
  };
  for (let place = 0; place < ids.length; place++) offer(place);
  for (let top = heap.pop(); top !== undefined; top = heap.pop()) {
    const { place, joined, left, right } = top;
    const behind = next[place] as number;
    if (isGone[place] === 1 || behind >= ids.length) continue;
    if (ids[place] !== left || ids[behind] !== right) continue;
    ids[place] = joined;
    isGone[behind] = 1;
    const after = next[behind] as number;
    next[place] = after;
    if (after < ids.length) previous[after] = place;
    offer(previous[place] as number);
    offer(place);
  }
  return Array.from(ids).filter((_, place) => isGone[place] === 0);
}
