import { expect, it } from "vitest";
import { recordedTokenizer } from "../__fixtures__/recorded-tokenizer.js";

it("gives the text of every token, and all tokens", async () => {
  const [bert, gpt2] = await Promise.all([recordedTokenizer("bert"), recordedTokenizer("gpt2")]);
  for (const tokenizer of [bert, gpt2]) {
    const tokens = tokenizer.tokens();
    expect(tokens.size).toBe(tokenizer.vocabularySize);
    expect(new Set(tokens.values()).size).toBe(tokens.size);
  }
  const continued = [...bert.tokens().keys()].find((token) => /^##[a-z]{2}$/u.test(token)) ?? "";
  expect(bert.tokenText(continued)).toBe(continued.slice(2));
  expect(bert.tokenText("[CLS]")).toBe("[CLS]");
  const spaced = [...gpt2.tokens().keys()].find((token) => /^Ġ[a-z]{2}$/u.test(token)) ?? "";
  expect(gpt2.tokenText(spaced)).toBe(` ${spaced.slice(1)}`);
  expect(gpt2.tokenText("no such token")).toBe("");
});
