import { createHeap } from "./heap.js";

/** A word as pieces, and how often it occurs. */
export interface CountedWord {
  readonly pieces: readonly number[];
  readonly count: number;
}

/** A pair of neighbouring pieces and its count when it was queued. */
interface Candidate {
  readonly left: number;
  readonly right: number;
  readonly count: number;
}

/** Options of {@link mergePairs}. */
export interface MergeOptions {
  /** Stop at this many pieces. */
  readonly limit: number;
  /** Stop when no pair occurs as often as this. */
  readonly minimumFrequency: number;
  /** The piece that two neighbours make together. */
  readonly join: (left: string, right: string) => string;
}

/** Pair (left, right) as one number: exact, as both are far below 2^26. */
const SHIFT = 2 ** 26;

/**
 * Byte-pair merging (Sennrich et al. 2016) on word counts: joins the most frequent pair of neighbouring pieces, again and
 * again. Returns `alphabet` followed by the new pieces in the order they were made; `words` are spelled in indices of
 * `alphabet`. Of pairs with equal counts the one with the older left piece goes first, then that with the older right
 * one, as in Hugging Face's trainer. Counts are kept up to date only where a merge changes them; the queue holds upper
 * bounds and is corrected on reading.
 */
export function mergePairs(
  alphabet: readonly string[],
  words: readonly CountedWord[],
  options: MergeOptions,
): string[] {
  const pieces = [...alphabet];
  const spelled = words.map((word) => word.pieces);
  const idOf = new Map(pieces.map((piece, id) => [piece, id]));
  const counts = new Map<number, number>();
  const places = new Map<number, number[]>();
  const queue = createHeap<Candidate>((one, other) => {
    if (one.count !== other.count) return one.count > other.count;
    return one.left === other.left ? one.right < other.right : one.left < other.left;
  });
  const enqueue = (key: number): void => {
    const count = counts.get(key) ?? 0;
    if (count < options.minimumFrequency) return;
    queue.push({ left: Math.floor(key / SHIFT), right: key % SHIFT, count });
  };
  const note = (left: number, right: number, word: number, change: number): number => {
    const key = left * SHIFT + right;
    counts.set(key, (counts.get(key) ?? 0) + change);
    if (change > 0) {
      const list = places.get(key);
      if (list === undefined) places.set(key, [word]);
      else if (list[list.length - 1] !== word) list.push(word);
    }
    return key;
  };

  for (const [index, { pieces: word, count }] of words.entries()) {
    for (let k = 1; k < word.length; k++) note(word[k - 1] ?? 0, word[k] ?? 0, index, count);
  }
  for (const key of counts.keys()) enqueue(key);

  while (pieces.length < options.limit) {
    const best = queue.pop();
    if (best === undefined) break;
    const key = best.left * SHIFT + best.right;
    const count = counts.get(key) ?? 0;
    if (count !== best.count) {
      enqueue(key);
      continue;
    }
    const text = options.join(pieces[best.left] ?? "", pieces[best.right] ?? "");
    // Another way to cut the same text may have made this piece before.
    let merged = idOf.get(text);
    if (merged === undefined) {
      merged = pieces.length;
      pieces.push(text);
      idOf.set(text, merged);
    }
    const grown = new Set<number>();
    for (const index of places.get(key) ?? []) {
      const count = words[index]?.count ?? 0;
      spelled[index] = mergeInWord(spelled[index] ?? [], best.left, best.right, merged, {
        lost: (left, right) => void note(left, right, index, -count),
        gained: (left, right) => void grown.add(note(left, right, index, count)),
      });
    }
    counts.delete(key);
    places.delete(key);
    for (const one of grown) enqueue(one);
  }
  return pieces;
}

/** Calls for each pair of neighbours that a merge takes apart and for each that it brings about. */
interface PairChanges {
  lost(left: number, right: number): void;
  gained(left: number, right: number): void;
}

/** `word` with each (left, right), taken from the left without overlap, replaced by `merged`. */
function mergeInWord(
  word: readonly number[],
  left: number,
  right: number,
  merged: number,
  changes: PairChanges,
): number[] {
  const result: number[] = [];
  for (let k = 0; k < word.length; k++) {
    const piece = word[k] ?? 0;
    if (piece !== left || k + 1 >= word.length || word[k + 1] !== right) {
      result.push(piece);
      continue;
    }
    const before = result[result.length - 1];
    const after = word[k + 2];
    if (before !== undefined) {
      changes.lost(before, left);
      changes.gained(before, merged);
    }
    if (after !== undefined) {
      changes.lost(right, after);
      changes.gained(merged, after);
    }
    result.push(merged);
    k++;
  }
  return result;
}
