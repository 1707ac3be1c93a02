import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addedToken } from "../__fixtures__/added-token.js";
import { fixturePath, readFixture } from "../__fixtures__/read-fixture.js";
import { loadTokenizer } from "./load-tokenizer.js";
import { createPipeline } from "./pipeline/pipeline.js";
import { createTokenizer } from "./tokenizer.js";

interface Sample {
  readonly lines: readonly string[];
  readonly ids: readonly number[][];
  readonly decoded: readonly string[];
}

type Json = Record<string, unknown>;

const sample = readFixture<Sample>("bert-sample.json");
const json = readFixture<Json>("bert/tokenizer.json");

describe("a BERT tokenizer", () => {
  test.each(sample.lines.map((line, index) => ({ line, index })))(
    "gives Python's ids for $line",
    async ({ line, index }) => {
      const tokenizer = await loadTokenizer(fixturePath("bert"));
      expect(tokenizer.encode(line)).toEqual(sample.ids[index]);
    },
  );

  test("gives Python's text for ids", async () => {
    const tokenizer = await loadTokenizer(fixturePath("bert"));
    expect(sample.ids.map((ids) => tokenizer.decode(ids))).toEqual(sample.decoded);
  });

  test("knows its special tokens, size and files", async () => {
    const tokenizer = await loadTokenizer(fixturePath("bert/tokenizer.json"));
    const { all, ...special } = tokenizer.special;
    expect(special).toEqual({ pad: 0, unknown: 1, classify: 2, separate: 3, mask: 4 });
    expect(all).toEqual(new Set([0, 1, 2, 3, 4]));
    expect(tokenizer.vocabularySize).toBe(4096);
    expect(tokenizer.files).toEqual([
      fixturePath("bert/tokenizer.json"),
      fixturePath("bert/tokenizer_config.json"),
    ]);
  });

  test("finds the usual special tokens without tokenizer_config.json", () => {
    const { special } = createTokenizer({ tokenizer: json, config: {} });
    expect(special).toMatchObject({ pad: 0, unknown: 1, classify: 2, separate: 3, mask: 4 });
  });

  test("takes special tokens by the names in tokenizer_config.json", () => {
    const config = { mask_token: { content: "the" }, cls_token: "of" };
    const { special } = createTokenizer({ tokenizer: json, config });
    const { vocab } = json["model"] as { vocab: Record<string, number> };
    expect(special.mask).toBe(vocab["the"]);
    expect(special.classify).toBe(vocab["of"]);
    expect(special.all.has(special.mask ?? -1)).toBe(true);
  });

  test.each([
    { kind: "as it is", change: {} },
    {
      kind: "that keeps case",
      change: {
        normalizer: {
          type: "BertNormalizer",
          clean_text: true,
          handle_chinese_chars: true,
          strip_accents: null,
          lowercase: false,
        },
      },
    },
    {
      kind: "with an added word",
      change: { added_tokens: [addedToken(4096, "the", { special: true })] },
    },
    {
      kind: "with an added word that is looked for in normalised text",
      change: { added_tokens: [addedToken(4096, "Don", { normalized: true })] },
    },
  ])("cutting and remembering words changes no id: one $kind", ({ change }) => {
    const own = (change as Json)["added_tokens"] as object[] | undefined;
    const changed = {
      ...json,
      ...change,
      added_tokens: [...(json["added_tokens"] as object[]), ...(own ?? [])],
    };
    const plain = createPipeline(changed);
    const remembering = createTokenizer({ tokenizer: changed, config: {} });
    const words = [
      "the",
      "[MASK]",
      "a[SEP]b",
      "Ünïcode",
      "ΑΣ",
      "中文",
      "don't",
      "Foo-1.5(x)",
      "a".repeat(101),
      "\u0301",
      "\u000b",
      "\u00a0",
      "\u200b",
    ];
    const text = fc
      .array(
        fc.oneof(
          fc.constantFrom(...words, " ", "\t", "\n", "\r\n", "\u3000", "\f", "\ufeff", "\u2028"),
          fc.string({ unit: "binary" }),
          fc.string(),
        ),
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (one) => {
        const ids = plain.encode(one);
        expect(remembering.encode(one)).toEqual(ids);
        expect(remembering.encode(one)).toEqual(ids);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  test("decodes no ids to no text", () => {
    expect(createTokenizer({ tokenizer: json, config: {} }).decode([])).toBe("");
  });
});

describe("a tokenizer that is not acceptable", () => {
  const model = json["model"] as Json;
  const cases: [string, Json, string][] = [
    ["no model", { ...json, model: undefined }, `"model"`],
    ["no vocabulary", { ...json, model: { ...model, vocab: 3 } }, `"vocab"`],
    [
      "an empty vocabulary",
      { added_tokens: [], model: { type: "WordLevel", unk_token: "?", vocab: {} } },
      "empty",
    ],
    ["an id that is no integer", { ...json, model: { ...model, vocab: { a: 1.5 } } }, `"a" is 1.5`],
    ["an id beyond reason", { ...json, model: { ...model, vocab: { a: 2 ** 40 } } }, `"a" is`],
    ["a foreign unknown token", { ...json, model: { ...model, unk_token: "?!" } }, `"?!"`],
    ["added tokens that are no list", { ...json, added_tokens: 3 }, "no list"],
    [
      "an added token without all flags",
      { ...json, added_tokens: [{ id: 5000, content: "x", special: true }] },
      `"normalized" of the added token "x" must be true or false`,
    ],
    ["another version", { ...json, version: "1.0.1" }, 'its version is "1.0.1"'],
    ["a key that is none", { ...json, added_token: [] }, `"added_token"`],
    ["an added token without id", { ...json, added_tokens: [{ content: "x" }] }, `{"content":"x"}`],
  ];
  test.each(cases)("%s", (_, tokenizer, message) => {
    expect(() => createTokenizer({ tokenizer, config: {} }, { name: "here.json" })).toThrow(
      expect.objectContaining({
        code: "data/bad-tokenizer",
        file: "here.json",
        message: expect.stringContaining(message) as string,
      }) as Error,
    );
  });

  test.each([
    { normalizer: { type: "Nonsense" } },
    { pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "Nonsense" }] } },
    { post_processor: { type: "Nonsense" } },
    { model: { ...model, type: "Nonsense" } },
  ])("a part of a kind that is not known is named: $0", (change) => {
    const tokenizer = { ...json, ...change };
    expect(() => createTokenizer({ tokenizer, config: {} }, { name: "here.json" })).toThrow(
      expect.objectContaining({
        code: "data/unsupported-tokenizer",
        message: expect.stringContaining("Nonsense") as string,
      }) as Error,
    );
  });

  test("no mask token, unless none is required", () => {
    const { "[MASK]": _, ...vocab } = model["vocab"] as Record<string, number>;
    const tokenizer = {
      ...json,
      added_tokens: (json["added_tokens"] as { content: string }[]).slice(0, 4),
      model: { ...model, vocab },
    };
    expect(() => createTokenizer({ tokenizer, config: {} })).toThrow(
      expect.objectContaining({ code: "data/no-mask-token" }) as Error,
    );
    const causal = createTokenizer({ tokenizer, config: {} }, { requireMask: false });
    expect(causal.special.mask).toBeUndefined();
  });
});
