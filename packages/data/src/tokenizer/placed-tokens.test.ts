import { describe, expect, it } from "vitest";
import { readFixture } from "../__fixtures__/read-fixture.js";
import { recordedTokenizer } from "../__fixtures__/recorded-tokenizer.js";
import { createTokenizer, type TextTokenizer } from "./tokenizer.js";
import type { TokenizerFile } from "./tokenizer-file.js";

interface Recorded {
  readonly texts: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly places: readonly (readonly [number, number])[];
  }[];
}

const recorded = readFixture<Record<"bert" | "roberta", Recorded>>("questions.json");
const tokenizers = {
  bert: await recordedTokenizer("bert"),
  roberta: await recordedTokenizer("roberta"),
};

describe.each(["bert", "roberta"] as const)("places of the tokens of %s", (name) => {
  it.each(recorded[name].texts)("are those of Hugging Face's tokenizers: $text", (expected) => {
    const placed = tokenizers[name].encodePlaced?.(expected.text);
    expect(placed?.ids).toEqual(expected.ids);
    const found = placed?.starts.map((start, token) => [start, placed.ends[token] ?? -1] as const);
    expect(found?.map(described)).toEqual(expected.places.map(described));
  });
});

/** Tokens that are white space alone have no stretch, wherever that is. */
function described([start, end]: readonly [number, number]): string {
  return start === end ? "white space" : `${start} to ${end}`;
}

describe("tokenizers without places", () => {
  it("are those that change white space or do more than BERT's", () => {
    const file = readFixture<TokenizerFile>("roberta-bytes.json");
    const changed = (tokenizer: Readonly<Record<string, unknown>>): TextTokenizer =>
      createTokenizer(
        { ...file, tokenizer: { ...file.tokenizer, ...tokenizer } },
        { requireMask: false },
      );
    expect(changed({}).encodePlaced).toBeDefined();
    expect(changed({ normalizer: { type: "NFC" } }).encodePlaced).toBeUndefined();
    expect(changed({ pre_tokenizer: { type: "Whitespace" } }).encodePlaced).toBeUndefined();
  });

  it("places a word with an added token as a whole", () => {
    const { starts = [] } = tokenizers.bert.encodePlaced?.("so a[MASK]b it") ?? {};
    expect(starts).toEqual([0, ...starts.slice(1, -1).map(() => 3), 12]);
  });
});
