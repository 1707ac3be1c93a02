/**
 * Values that make way for a new one: those used longest ago, all of them, or none, in which case the new one is not kept.
 */
export type Eviction = "least-recent" | "all" | "none";

/** Bound of a cache, and the way it keeps to it. */
export interface BoundedCacheOptions<Key, Value> {
  /** Largest sum of the weights: a count where every value weighs 1, else numbers or bytes. */
  readonly limit: number;
  readonly eviction: Eviction;
  /** Whether a value may make way now. Default: always. */
  readonly mayEvict?: (key: Key, value: Value) => boolean;
  /** Told of a value that has made way. */
  readonly onEvict?: (value: Value) => void;
}

/** Values (none of them `undefined`) by key, of which the cache forgets some rather than outgrow its limit. */
export interface BoundedCache<Key, Value> {
  /** Value of a key, which counts as used; `undefined` where it is not kept. */
  get(key: Key): Value | undefined;
  /** Whether the value of a key is kept; it does not count as used. */
  has(key: Key): boolean;
  /**
   * Keeps a value, in the place of any that the key has, and returns it. A value that is heavier than the limit is kept
   * alone, but for the eviction `none`.
   *
   * @param weight default 1
   */
  set(key: Key, value: Value, weight?: number): Value;
  /** Evicts values until `weight` more would fit, as far as they may make way; whether it would fit. */
  makeRoom(weight: number): boolean;
  delete(key: Key): void;
  /** Forgets all values, those too that may not make way. */
  clear(): void;
}

/** Creates an empty cache. Times are those of a `Map`, but for an eviction, which looks at values from the oldest on. */
export function createBoundedCache<Key, Value>({
  limit,
  eviction,
  mayEvict = () => true,
  onEvict,
}: BoundedCacheOptions<Key, Value>): BoundedCache<Key, Value> {
  /** Those used longest ago first, where that matters. */
  const values = new Map<Key, Value>();
  const weights = new Map<Key, number>();
  let total = 0;
  let newest: Key | undefined;

  const remove = (key: Key): void => {
    total -= weights.get(key) ?? 0;
    values.delete(key);
    weights.delete(key);
    if (newest === key) newest = undefined;
  };
  const makeRoom = (weight: number): boolean => {
    if (total + weight <= limit || eviction === "none") return total + weight <= limit;
    for (const [key, value] of values) {
      if (eviction === "least-recent" && total + weight <= limit) break;
      if (!mayEvict(key, value)) continue;
      remove(key);
      onEvict?.(value);
    }
    return total + weight <= limit;
  };
  return {
    makeRoom,
    has: (key) => values.has(key),
    get(key) {
      const value = values.get(key);
      if (value === undefined || eviction !== "least-recent" || key === newest) return value;
      values.delete(key);
      values.set(key, value);
      newest = key;
      return value;
    },
    set(key, value, weight = 1) {
      remove(key);
      if (!makeRoom(weight) && eviction === "none") return value;
      values.set(key, value);
      weights.set(key, weight);
      total += weight;
      newest = key;
      return value;
    },
    delete: remove,
    clear() {
      values.clear();
      weights.clear();
      total = 0;
      newest = undefined;
    },
  };
}
