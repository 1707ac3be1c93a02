import fc from "fast-check";
import { expect, test } from "vitest";
import { readFixture } from "../../__fixtures__/read-fixture.js";
import { type CountedWord, mergePairs, type MergeOptions } from "./merge-pairs.js";

/** Joins pieces of which all but the first of a word begin with ##. */
function join(left: string, right: string): string {
  return left + right.slice(2);
}

test("makes the pieces that Hugging Face's trainer makes, in the same order", () => {
  const { text, pieces } = readFixture<{ text: string; pieces: string[] }>("bert-trained.json");
  // Hugging Face orders the continuing characters by chance, and equal counts by that order: take both from it.
  const alphabet = pieces.filter(
    (piece, id) => id < 5 || piece.replace(/^##(?=.)/, "").length === 1,
  );
  expect(pieces.slice(0, alphabet.length)).toEqual(alphabet);
  const counts = new Map<string, number>();
  for (const word of text.toLowerCase().match(/[a-z]+|[^a-z\s]/g) ?? []) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const words = [...counts].map(([word, count]) => ({
    count,
    pieces: Array.from(word, (letter, at) => alphabet.indexOf(at === 0 ? letter : `##${letter}`)),
  }));
  expect(words.flatMap((word) => word.pieces)).not.toContain(-1);
  const merged = mergePairs(alphabet, words, { limit: 1000, minimumFrequency: 2, join });
  expect(merged.length).toBeGreaterThan(alphabet.length + 500);
  expect(merged).toEqual(pieces);
});

/** Merges found by counting everything anew for every merge. */
function plainly(
  alphabet: readonly string[],
  words: readonly CountedWord[],
  options: MergeOptions,
): string[] {
  const pieces = [...alphabet];
  let spelled = words.map((word) => [...word.pieces]);
  while (pieces.length < options.limit) {
    const counts = new Map<string, { left: number; right: number; count: number }>();
    for (const [index, word] of spelled.entries()) {
      for (const [at, right] of word.entries()) {
        const left = word[at - 1];
        if (left === undefined) continue;
        const count = counts.get(`${left} ${right}`)?.count ?? 0;
        counts.set(`${left} ${right}`, { left, right, count: count + (words[index]?.count ?? 0) });
      }
    }
    const [best] = [...counts.values()]
      .filter(({ count }) => count >= options.minimumFrequency)
      .sort(
        (one, other) => other.count - one.count || one.left - other.left || one.right - other.right,
      );
    if (best === undefined) break;
    const text = options.join(pieces[best.left] ?? "", pieces[best.right] ?? "");
    if (!pieces.includes(text)) pieces.push(text);
    const merged = pieces.indexOf(text);
    spelled = spelled.map((word) => {
      const result: number[] = [];
      for (const piece of word) {
        // A piece that was just merged has another number, so it cannot be the left half of a further merge here.
        if (result.at(-1) === best.left && piece === best.right) result.splice(-1, 1, merged);
        else result.push(piece);
      }
      return result;
    });
  }
  return pieces;
}

test("equals counting everything anew for every merge", () => {
  const alphabet = ["a", "b", "c", "##a", "##b", "##c"];
  const word = fc.record({
    count: fc.integer({ min: 1, max: 4 }),
    pieces: fc
      .tuple(fc.nat(2), fc.array(fc.integer({ min: 3, max: 5 }), { maxLength: 9 }))
      .map(([first, rest]) => [first, ...rest]),
  });
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 12 }),
      fc.integer({ min: 6, max: 60 }),
      fc.integer({ min: 1, max: 4 }),
      (words, limit, minimumFrequency) => {
        const options = { limit, minimumFrequency, join };
        expect(mergePairs(alphabet, words, options)).toEqual(plainly(alphabet, words, options));
      },
    ),
    { numRuns: 500, seed: 1 },
  );
});

test("leaves its input as it is", () => {
  const words = [{ pieces: [0, 1, 1], count: 3 }];
  const alphabet = ["a", "##a"];
  mergePairs(alphabet, words, { limit: 10, minimumFrequency: 1, join });
  expect(words).toEqual([{ pieces: [0, 1, 1], count: 3 }]);
  expect(alphabet).toEqual(["a", "##a"]);
});
