import { expect, test } from "vitest";
import { readFixture } from "../__fixtures__/read-fixture.js";
import { causalBlocks } from "./causal-blocks.js";
import type { TextPart } from "../texts/read-texts.js";
import { createTokenizer } from "../tokenizer/tokenizer.js";

interface Recorded {
  readonly tokenizer: Record<string, unknown>;
  readonly config: Record<string, unknown>;
  readonly texts: readonly string[];
  readonly ids: readonly number[][];
}

const recorded = readFixture<Recorded>("gpt2-bytes.json");
const tokenizer = createTokenizer(recorded, { requireMask: false });
const END = 0;
const stream = recorded.ids.flatMap((ids) => [...ids, END]);

test("cuts the stream of documents, each closed by the end token, and drops the rest", async () => {
  const blocks = await causalBlocks(recorded.texts, tokenizer, { sequence: 10 });
  const count = Math.floor(stream.length / 10);
  expect(blocks).toEqual({
    sequence: 10,
    count,
    tokens: Int32Array.from(stream.slice(0, 10 * count)),
  });
});

test("takes the parts of a file as one document", async () => {
  const [text = "", ids = []] = [recorded.texts[0], recorded.ids[0]];
  const half = text.indexOf("\n", 1000) + 1;
  async function* parts(): AsyncGenerator<TextPart> {
    yield { file: "a", text: text.slice(0, half) };
    yield { file: "a", text: text.slice(half) };
    yield { file: "b", text: "Be" };
  }
  const { tokens } = await causalBlocks(parts(), tokenizer, { sequence: 2 });
  const expected = [...ids, END, ...tokenizer.encode("Be"), END];
  expect([...tokens]).toEqual(expected.slice(0, 2 * Math.floor(expected.length / 2)));
});

test("takes every row of a table as one document", async () => {
  async function* parts(): AsyncGenerator<TextPart> {
    yield { file: "a", text: "Be" };
    for (const row of [1, 2]) yield { file: "b", text: "Be", row };
    yield { file: "c", text: "Be" };
  }
  const { tokens } = await causalBlocks(parts(), tokenizer, { sequence: 2 });
  const one = [...tokenizer.encode("Be"), END];
  const expected = [one, one, one, one].flat();
  expect([...tokens]).toEqual(expected.slice(0, 2 * Math.floor(expected.length / 2)));
});

test("puts nothing between documents where the tokenizer has no end token", async () => {
  const without = { ...tokenizer, special: { all: new Set<number>() } };
  const { tokens } = await causalBlocks(["Be", "Be"], without, { sequence: 2 });
  expect([...tokens]).toEqual(
    [...tokenizer.encode("Be"), ...tokenizer.encode("Be")].slice(0, tokens.length),
  );
  expect(tokens).not.toContain(END);
});

test("stops at the limit", async () => {
  const { tokens } = await causalBlocks(recorded.texts, tokenizer, {
    sequence: 5,
    limitTokens: 23,
  });
  expect([...tokens]).toEqual(stream.slice(0, 20));
});

test("says how much text is needed", async () => {
  await expect(causalBlocks(["Be"], tokenizer, { sequence: 50, minimumBlocks: 2 })).rejects.toThrow(
    expect.objectContaining({ code: "data/too-small", expected: "100 tokens" }),
  );
});

test.each([
  { sequence: 1 },
  { sequence: 2.5 },
  { sequence: 4, minimumBlocks: 0 },
  { sequence: 4, limitTokens: -1 },
])("refuses %j", async (options) => {
  await expect(causalBlocks(["Be"], tokenizer, options)).rejects.toThrow(
    expect.objectContaining({ code: "data/bad-option" }),
  );
});
