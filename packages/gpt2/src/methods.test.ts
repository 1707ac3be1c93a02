import { createRandom, methods, type MethodName } from "@ligo/core";
import { compareGrowth, randomModel } from "@ligo/testkit";
import { describe, expect, it } from "vitest";
import { gpt2 } from "./index.js";

const small = {
  model_type: "gpt2",
  architectures: ["GPT2LMHeadModel"],
  vocab_size: 23,
  n_positions: 9,
  n_embd: 8,
  n_layer: 2,
  n_head: 2,
  n_inner: 12,
};
const inputs = new Map([
  ["input_ids", { shape: [2, 5], data: Int32Array.of(2, 5, 11, 4, 9, 22, 7, 4, 3, 17) }],
]);
const growths = {
  "twice the width": { n_embd: 16, n_head: 4, n_inner: 24 },
  "half again the width": { n_embd: 12, n_head: 3, n_inner: 19 },
  "a wider MLP": { n_inner: 17 },
  "larger heads": { n_embd: 16 },
  "more layers": { n_layer: 5 },
  "all of it": { n_embd: 20, n_head: 5, n_inner: 31, n_layer: 3 },
} as const;

/** The methods that keep the function, by what grows. All others change it, and say why where they are documented. */
const kept: Readonly<Record<keyof typeof growths, readonly MethodName[]>> = {
  "twice the width": ["stack", "interpolate", "zero-block", "lemon", "ligo-lossless"],
  "half again the width": ["lemon", "ligo-lossless"],
  "a wider MLP": ["stack", "interpolate", "zero-block", "lemon", "ligo-lossless", "net2net", "fpi"],
  "larger heads": ["stack", "interpolate", "zero-block", "lemon", "ligo-lossless"],
  "more layers": ["zero-block", "net2net", "lemon", "ligo-lossless"],
  "all of it": ["lemon", "ligo-lossless"],
};

/** Float32 sums in another order, over up to three times as many terms. */
const ROUNDING = 2e-6;
/** What a growth that keeps no function changes at least. */
const LOSSY = 1e-4;
/** `ligo`, its parts and `mango` start from mixtures; `interlace` is `interpolate`. */
const tested = (Object.keys(methods) as MethodName[]).filter(
  (name) => !["ligo", "ligo-depth", "ligo-width", "mango", "interlace"].includes(name),
);

/** Largest difference of the logits, relative to the largest logit. */
async function change(
  name: MethodName,
  growth: keyof typeof growths,
  more: Readonly<Record<string, unknown>> = {},
): Promise<number> {
  const model = randomModel(gpt2, { ...small, ...more }, inputs);
  const { differences } = await compareGrowth(gpt2, model, growths[growth], (plan) =>
    methods[name].create(plan, createRandom(3)),
  );
  return differences.get("logits") ?? Number.NaN;
}

describe.each(tested)("%s", (name) => {
  it.each(Object.keys(growths) as (keyof typeof growths)[])("%s", async (growth) => {
    const found = await change(name, growth);
    if (kept[growth].includes(name)) expect(found).toBeLessThan(ROUNDING);
    else expect(found).toBeGreaterThan(LOSSY);
  });
});

describe("lemon", () => {
  it("is exact for an untied readout too", async () => {
    expect(await change("lemon", "all of it", { tie_word_embeddings: false })).toBeLessThan(
      ROUNDING,
    );
  });
});
