import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addedToken } from "../../__fixtures__/added-token.js";
import { readFixture } from "../../__fixtures__/read-fixture.js";
import { maskedBatches } from "../../batches/masked-batches.js";
import { tokenBlocks } from "../../blocks/token-blocks.js";
import { createPipeline } from "../pipeline/pipeline.js";
import { createTokenizer } from "../tokenizer.js";

interface Recorded {
  readonly tokenizer: Record<string, unknown>;
  readonly config: Record<string, unknown>;
  readonly texts: readonly string[];
  readonly ids: readonly number[][];
  readonly decoded: readonly string[];
}

const recorded = {
  gpt2: readFixture<Recorded>("gpt2-bytes.json"),
  roberta: readFixture<Recorded>("roberta-bytes.json"),
};
const open = (name: keyof typeof recorded) =>
  createTokenizer(recorded[name], { requireMask: name === "roberta" });

describe.each(["gpt2", "roberta"] as const)("a byte-level tokenizer like that of %s", (name) => {
  const { texts, ids, decoded, tokenizer, config } = recorded[name];

  test.each(texts.map((text, index) => ({ text, index })))(
    "gives Python's ids for $text",
    ({ text, index }) => {
      expect(open(name).encode(text)).toEqual(ids[index]);
    },
  );

  test("gives Python's text for ids", () => {
    expect(ids.map((one) => open(name).decode(one))).toEqual(decoded);
  });

  test.each([
    { added: "as they are", tokens: [] },
    { added: "without special meaning", tokens: [{ content: "ab" }, { content: "'s!" }] },
    { added: "that take white space before them", tokens: [{ content: "<x>", lstrip: true }] },
    { added: "that take white space behind them", tokens: [{ content: "<x>", rstrip: true }] },
    { added: "with white space", tokens: [{ content: "a b" }] },
  ])("cutting and remembering words changes no id, with added tokens $added", ({ tokens }) => {
    const own = tokens.map(({ content, ...flags }, index) =>
      addedToken(900 + index, content, { normalized: true, ...flags }),
    );
    const all = [...(tokenizer["added_tokens"] as object[]), ...own];
    const changed = { ...tokenizer, added_tokens: all };
    const plain = createPipeline(changed);
    const ours = createTokenizer({ tokenizer: changed, config }, { requireMask: false });
    const signs = [
      " ",
      "  ",
      "\n",
      "\t",
      "\r\n",
      "\f",
      "\u00a0",
      "\u0085",
      "\u2028",
      "\u007f",
      "\0",
    ];
    const words = [
      "a",
      "Be",
      "'",
      "'s",
      "'ll",
      "'r",
      "12",
      "é",
      "--",
      "中",
      "½",
      "\u0301",
      "\ud800",
    ];
    const piece = fc.constantFrom(...signs, ...words, "ab", "<x>", "'s!", "a b", "</s>");
    fc.assert(
      fc.property(
        fc.array(fc.oneof(piece, fc.string({ unit: "binary", maxLength: 4 }), fc.string())),
        (pieces) => {
          const text = pieces.join("");
          const expected = plain.encode(text.replaceAll(/\p{Surrogate}/gu, "\uFFFD"));
          expect(ours.encode(text)).toEqual(expected);
          expect(ours.encode(text)).toEqual(expected);
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe("special tokens", () => {
  test("of GPT-2: one that ends a text", () => {
    const { all, ...special } = open("gpt2").special;
    expect(special).toEqual({ end: 0 });
    expect(all).toEqual(new Set([0]));
  });

  test("of RoBERTa: <s>, </s>, <mask> and padding of id 1", () => {
    const { all, ...special } = open("roberta").special;
    expect(special).toEqual({ classify: 0, pad: 1, separate: 2, end: 2, unknown: 3, mask: 4 });
    expect(all).toEqual(new Set([0, 1, 2, 3, 4]));
  });
});

test("masked batches of RoBERTa are framed by <s> and </s> and masked by <mask>", async () => {
  const tokenizer = open("roberta");
  const blocks = await tokenBlocks(recorded.roberta.texts, tokenizer, { sequence: 16 });
  const batches = maskedBatches(blocks, { batch: 4, seed: 1, ...tokenizer });
  let masked = 0;
  for (let step = 0; step < 40; step++) {
    const { input_ids, labels } = batches.at(step);
    for (const [at, id] of input_ids.entries()) {
      const column = at % 16;
      if (column === 0) expect(id).toBe(0);
      if (column === 15) expect(id).toBe(2);
      if (id === 4) masked++;
      if (labels[at] === -100) continue;
      expect(tokenizer.special.all.has(labels[at] as number)).toBe(false);
      expect(column).not.toBe(0);
      expect(column).not.toBe(15);
    }
  }
  // 80 % of what is chosen; each of 40 batches chooses 8 positions
  expect(masked).toBeGreaterThan(0.6 * 320);
  expect(masked).toBeLessThan(320);
});
