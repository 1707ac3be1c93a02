import { expect, test } from "vitest";
import { addedToken } from "../../__fixtures__/added-token.js";
import { createTokenizer, type TextTokenizer } from "../tokenizer.js";
import { mergePairs, type Merges } from "./merge-pairs.js";

function open(tokenizer: Readonly<Record<string, unknown>>): TextTokenizer {
  return createTokenizer({ tokenizer, config: {} }, { requireMask: false });
}

const bpe = { type: "BPE", vocab: { a: 0, b: 1, ab: 2, "?": 3 }, merges: [["a", "b"]] };
const unigram = {
  type: "Unigram",
  unk_id: 0,
  vocab: [
    ["?", 0],
    ["a", -1],
  ],
};
const pieces = {
  type: "WordPiece",
  vocab: { "?": 0, a: 1 },
  unk_token: "?",
  continuing_subword_prefix: "##",
  max_input_chars_per_word: 100,
};

test.each([
  { model: bpe, ids: [2, 0] },
  { model: { ...bpe, merges: ["a b"] }, ids: [2, 0] },
  { model: unigram, ids: [1, 0, 1] },
  { model: pieces, ids: [0] },
])("the model as it should be gives $ids", ({ model, ids }) => {
  expect(open({ model }).encode("aba")).toEqual(ids);
});

test.each([
  {
    fault: "merges of tokens that are not there",
    model: { ...bpe, merges: [["a", "c"]] },
    says: '"c"',
  },
  { fault: "a merge of three", model: { ...bpe, merges: ["a b c"] }, says: "merge 0" },
  { fault: "no merges", model: { ...bpe, merges: 3 }, says: "merges" },
  { fault: "dropout", model: { ...bpe, dropout: 0.1 }, says: "dropout" },
  { fault: "a flag that is none", model: { ...bpe, byte_fallback: "yes" }, says: "byte_fallback" },
  { fault: "scores that are none", model: { ...unigram, vocab: [["a", "b"]] }, says: "token 0" },
  { fault: "an unknown token out of range", model: { ...unigram, unk_id: 9 }, says: "unk_id" },
  { fault: "no prefix", model: { ...pieces, continuing_subword_prefix: 3 }, says: "prefix" },
  { fault: "no longest word", model: { ...pieces, max_input_chars_per_word: null }, says: "max_" },
])("a model with $fault is refused", ({ model, says }) => {
  expect(() => open({ model })).toThrow(says);
});

test("a text that needs an unknown token where there is none is an error", () => {
  expect(() => open({ model: { ...bpe, unk_token: "<unk>" } }).encode("x")).toThrow("<unk>");
  expect(() => open({ model: { ...unigram, unk_id: null } }).encode("x")).toThrow("unk_id");
  // without one the library leaves such characters out
  expect(open({ model: bpe }).encode("xab")).toEqual([2]);
});

test("long words are joined as short ones are", () => {
  const merges: Merges = { ranks: new Map(), joined: [] };
  let state = 7;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % limit;
  };
  for (let rank = 0; rank < 40; rank++) {
    merges.ranks.set(below(8) * 2 ** 24 + below(8), rank);
    merges.joined[rank] = below(12);
  }
  for (let round = 0; round < 20; round++) {
    const symbols = Array.from({ length: 90 }, () => below(4));
    // an id that nothing joins holds the halves apart and makes the whole long
    const long = [...symbols, 99, ...symbols];
    const short = mergePairs([...symbols], merges);
    expect(mergePairs(long, merges)).toEqual([...short, 99, ...short]);
  }
});

test("ids of added tokens are those that the library gives, whatever the file says", () => {
  const tokenizer = open({
    model: bpe,
    added_tokens: [
      addedToken(9, "ab", { special: true }),
      addedToken(7, "<x>", { special: true }),
      addedToken(5, "<y>"),
    ],
  });
  expect(tokenizer.encode("ab<y><x>")).toEqual([2, 5, 4]);
  expect(tokenizer.vocabularySize).toBe(6);
});
