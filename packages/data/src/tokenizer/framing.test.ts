import { describe, expect, it } from "vitest";
import { readFixture } from "../__fixtures__/read-fixture.js";
import { recordedTokenizer } from "../__fixtures__/recorded-tokenizer.js";
import { addedTokens, framedRows, framingOf, truncatedLengths } from "./framing.js";

interface Recorded {
  readonly sequence: number;
  readonly texts: readonly (readonly string[])[];
  readonly input_ids: readonly (readonly number[])[];
  readonly attention_mask: readonly (readonly number[])[];
  readonly token_type_ids: readonly (readonly number[])[];
}
type Name = "bert" | "roberta" | "gpt2";
const recorded = readFixture<Readonly<Record<Name, readonly Recorded[]>>>("pairs.json");

describe("framing", () => {
  it.each(["bert", "roberta", "gpt2"] as const)(
    "frames, cuts and pads as transformers does (%s)",
    async (name) => {
      const tokenizer = await recordedTokenizer(name);
      const { framing, special } = tokenizer;
      if (framing === undefined) throw new Error("no framing");
      for (const { sequence, texts, ...expected } of recorded[name]) {
        const ids = texts.map((group) =>
          group.map((text) => Int32Array.from(tokenizer.encode(text))),
        );
        // GPT-2 has no padding of its own; the recording pads with its end-of-text token
        const pad = special.pad ?? special.end ?? -1;
        const rows = framedRows(ids, { framing, pad, sequence });
        for (const key of ["input_ids", "attention_mask", "token_type_ids"] as const) {
          expect([...rows[key]], `${key} of ${sequence}`).toEqual(expected[key].flat());
        }
      }
    },
  );

  it("knows the post-processors of tokenizer.json, and says where it does not", () => {
    const bertProcessing = { type: "BertProcessing", cls: ["[CLS]", 1], sep: ["[SEP]", 2] };
    const framing = framingOf(bertProcessing);
    expect(framing?.pair).toEqual([
      { id: 1, type: 0 },
      { text: 0, type: 0 },
      { id: 2, type: 0 },
      { text: 1, type: 1 },
      { id: 2, type: 1 },
    ]);
    expect(addedTokens(framing?.single ?? [])).toBe(2);
    const inSequence = { type: "Sequence", processors: [{ type: "ByteLevel" }, bertProcessing] };
    expect(framingOf(inSequence)).toEqual(framing);
    expect(framingOf({ type: "Sequence", processors: [] })).toEqual(framingOf(null));
    expect(framingOf({ type: "Sequence", processors: [bertProcessing, bertProcessing] })).toBe(
      undefined,
    );
  });

  const single = [{ Sequence: { id: "A", type_id: 0 } }];
  const pair = [...single, { Sequence: { id: "B", type_id: 1 } }];
  const template = { type: "TemplateProcessing", single, pair, special_tokens: {} };
  it.each([
    { fault: "no object", processor: 3 },
    { fault: "is not supported", processor: { type: "Other" } },
    { fault: "is not supported", processor: {} },
    { fault: '"sep" of its BertProcessing', processor: { type: "BertProcessing", cls: ["a", 1] } },
    { fault: '"processors" of its Sequence', processor: { type: "Sequence", processors: [1] } },
    { fault: '"single" of its TemplateProcessing', processor: { ...template, single: [1] } },
    { fault: '"single" of its TemplateProcessing', processor: { ...template, single: null } },
    { fault: '"pair" of its TemplateProcessing', processor: { ...template, pair: 5 } },
    {
      fault: "has no ids",
      processor: { ...template, pair: [{ SpecialToken: { id: "[CLS]", type_id: 0 } }] },
    },
    {
      fault: '"type_id"',
      processor: { ...template, single: [{ Sequence: { id: "A", type_id: "0" } }] },
    },
    { fault: "each text once", processor: { ...template, single: [...single, ...single] } },
    { fault: "each text once", processor: { ...template, single: [] } },
    { fault: "each text once", processor: { ...template, pair: [...pair, ...single] } },
    {
      fault: "one text",
      processor: { ...template, single: [{ Sequence: { id: "B", type_id: 0 } }] },
    },
  ])("names what is wrong: $fault", ({ fault, processor }) => {
    expect(framingOf(template)).toEqual({
      single: [{ text: 0, type: 0 }],
      pair: [
        { text: 0, type: 0 },
        { text: 1, type: 1 },
      ],
    });
    expect(() => framingOf(processor)).toThrow(fault);
  });

  it("cuts the longer text first, both where one is not enough", () => {
    // a sequence of 10 with room for 7; what tokenizers 0.23.2 keeps
    expect(truncatedLengths([3, 4], 7, 10)).toEqual([3, 4]);
    expect(truncatedLengths([3, 9], 7, 10)).toEqual([3, 4]);
    expect(truncatedLengths([9, 3], 7, 10)).toEqual([4, 3]);
    expect(truncatedLengths([9, 8], 7, 10)).toEqual([4, 3]);
    expect(truncatedLengths([8, 8], 7, 10)).toEqual([3, 4]);
    expect(truncatedLengths([12, 11], 7, 10)).toEqual([3, 4]);
    expect(truncatedLengths([9, 0], 7, 10)).toEqual([7, 0]);
  });
});
