import { expect, test } from "vitest";
import { readFixture } from "../__fixtures__/read-fixture.js";
import { tokenBlocks } from "./token-blocks.js";
import { createTokenizer } from "../tokenizer/tokenizer.js";

interface Sample {
  readonly lines: readonly string[];
  readonly ids: readonly number[][];
}

const sample = readFixture<Sample>("bert-sample.json");
const stream = sample.ids.flat();
const tokenizer = createTokenizer({ tokenizer: readFixture("bert/tokenizer.json"), config: {} });

test("frames the stream of tokens in blocks and drops the rest", async () => {
  const blocks = await tokenBlocks(sample.lines, tokenizer, { sequence: 10 });
  expect(blocks.sequence).toBe(10);
  expect(blocks.count).toBe(Math.floor(stream.length / 8));
  expect(blocks.tokens).toHaveLength(10 * blocks.count);
  for (let block = 0; block < blocks.count; block++) {
    expect([...blocks.tokens.subarray(10 * block, 10 * block + 10)]).toEqual([
      2,
      ...stream.slice(8 * block, 8 * block + 8),
      3,
    ]);
  }
});

test("is the same for lines, for one text, and for texts that come one by one", async () => {
  // Lines with an inner line end would differ, as these are cut further; there are none in the sample.
  const lines = await tokenBlocks(sample.lines, tokenizer, { sequence: 16 });
  const whole = await tokenBlocks([sample.lines.join("\n")], tokenizer, { sequence: 16 });
  async function* parts(): AsyncGenerator<{ file: string; text: string }> {
    for (const text of sample.lines) yield { file: "x", text };
  }
  expect(whole).toEqual(lines);
  expect(await tokenBlocks(parts(), tokenizer, { sequence: 16 })).toEqual(lines);
});

test("holds more tokens than its first buffer", async () => {
  const line = "the ".repeat(50_000);
  const blocks = await tokenBlocks([line, line], tokenizer, { sequence: 102 });
  expect(blocks.count).toBe(1000);
  expect(new Set(blocks.tokens)).toEqual(new Set([2, 3, ...tokenizer.encode("the")]));
});

test("stops reading at the limit", async () => {
  let read = 0;
  let closed = false;
  async function* endless(): AsyncGenerator<string> {
    try {
      for (;;) {
        read++;
        yield "the cat sat on the mat";
      }
    } finally {
      closed = true;
    }
  }
  const blocks = await tokenBlocks(endless(), tokenizer, { sequence: 12, limitTokens: 100 });
  expect(blocks.count).toBe(10);
  expect(read).toBeLessThan(100);
  expect(closed).toBe(true);
});

test("a text that is too small is refused, with both numbers", async () => {
  const options = { sequence: 32, minimumBlocks: 4 };
  await expect(tokenBlocks(["the of and"], tokenizer, options)).rejects.toMatchObject({
    code: "data/too-small",
    message: expect.stringMatching(/has 3 tokens, but 120 are needed for 4 blocks of 32/) as string,
    expected: "120 tokens",
    actual: "3 tokens",
  });
  await expect(tokenBlocks([], tokenizer, { sequence: 32 })).rejects.toMatchObject({
    code: "data/too-small",
  });
});

test("a tokenizer without framing tokens is refused", async () => {
  const { classify: _, ...special } = tokenizer.special;
  await expect(
    tokenBlocks(["the"], { ...tokenizer, special }, { sequence: 3 }),
  ).rejects.toMatchObject({ code: "data/no-special-token" });
});

test.each([
  { sequence: 2 },
  { sequence: 3.5 },
  { sequence: 3, limitTokens: 0 },
  { sequence: 3, minimumBlocks: 0 },
])("%j is refused", async (options) => {
  await expect(tokenBlocks(["the"], tokenizer, options)).rejects.toMatchObject({
    code: "data/bad-option",
  });
});
