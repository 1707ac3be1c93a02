/** A seeded source of random numbers. Every draw advances it. */
export interface Random {
  /** Uniform in [0, 1), a multiple of 2^-32. */
  uniform(): number;
  /** Uniform over the integers 0 to n - 1; n from 1 to 2^32. */
  integer(n: number): number;
  /** Standard normal. */
  normal(): number;
  /**
   * An independent generator for a named purpose. It depends on the seed and the label only, not on what was drawn
   * before, so adding a draw in one place changes no other place.
   */
  fork(label: string): Random;
}

/**
 * Creates a generator: sfc32 (Chris Doty-Humphrey's Small Fast Counter, 128 bits of state), seeded by splitmix32. The
 * integers are the same on every platform; `normal` uses V8's own `log` and `cos`.
 *
 * @param seed a safe integer
 */
export function createRandom(seed: number): Random {
  if (!Number.isSafeInteger(seed))
    throw new RangeError(`The seed must be a safe integer, got ${seed}.`);
  return fromKey([seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0]);
}

/** The seed and the labels of all forks so far, hashed to two words. */
type Key = readonly [number, number];

function fromKey(key: Key): Random {
  const next = sfc32(key);
  const uniform = (): number => next() / 2 ** 32;
  return {
    uniform,
    integer(n) {
      if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) {
        throw new RangeError(`integer(n) needs 1 <= n <= 2^32, got ${n}.`);
      }
      // Draws at or above the largest multiple of n would favour small results.
      const limit = 2 ** 32 - (2 ** 32 % n);
      let draw = next();
      while (draw >= limit) draw = next();
      return draw % n;
    },
    normal() {
      // Box-Muller; 1 - uniform() lies in (0, 1], so the logarithm is finite.
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      return radius * Math.cos(2 * Math.PI * uniform());
    },
    fork: (label) => fromKey(extendKey(key, label)),
  };
}

function sfc32([low, high]: Key): () => number {
  const lowWords = splitmix32(low);
  const highWords = splitmix32(high ^ 0x5851f42d);
  let [a, b, c, counter] = [lowWords(), highWords(), lowWords(), 1];
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  // The reference implementation discards the first outputs while the seed spreads over the state.
  for (let round = 0; round < 15; round++) next();
  return next;
}

function splitmix32(start: number): () => number {
  let state = start | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) | 0;
  };
}

/** FNV-1a over the label, started from either word of the key, each finished by a splitmix32 round. */
function extendKey([low, high]: Key, label: string): Key {
  const hash = (start: number, offset: number): number => {
    let state = (start ^ offset) | 0;
    for (let index = 0; index < label.length; index++) {
      state = Math.imul(state ^ label.charCodeAt(index), 0x01000193);
      state ^= state >>> 15;
    }
    return splitmix32(state)() >>> 0;
  };
  return [hash(low, 0x811c9dc5), hash(high, 0x2c1b3c6d)];
}
