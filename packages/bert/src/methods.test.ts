import { createRandom, methods, type MethodName } from "@ligo/core";
import { compareGrowth, randomModel } from "@ligo/testkit";
import { describe, expect, it } from "vitest";
import { bert } from "./index.js";

const small = {
  model_type: "bert",
  architectures: ["BertForMaskedLM"],
  vocab_size: 23,
  max_position_embeddings: 9,
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 12,
};
const inputs = new Map([
  ["input_ids", { shape: [2, 5], data: Int32Array.of(2, 5, 11, 4, 9, 22, 7, 4, 3, 17) }],
]);
const growths = {
  "twice the width": { hidden_size: 16, num_attention_heads: 4, intermediate_size: 24 },
  "half again the width": { hidden_size: 12, num_attention_heads: 3, intermediate_size: 19 },
  "a wider MLP": { intermediate_size: 17 },
  "larger heads": { hidden_size: 16 },
  "more layers": { num_hidden_layers: 5 },
  "all of it": {
    hidden_size: 20,
    num_attention_heads: 5,
    intermediate_size: 31,
    num_hidden_layers: 3,
  },
} as const;

/** The methods that keep the function, by what grows. All others change it, and say why where they are documented. */
const kept: Readonly<Record<keyof typeof growths, readonly MethodName[]>> = {
  "twice the width": ["stack", "interpolate", "zero-block", "lemon", "ligo-lossless"],
  // the mean of a norm's outputs is not what the norm puts out
  "half again the width": [],
  "a wider MLP": ["stack", "interpolate", "zero-block", "lemon", "ligo-lossless", "net2net", "fpi"],
  "larger heads": ["stack", "interpolate", "zero-block", "lemon", "ligo-lossless"],
  // an added layer normalises once more: none is an identity
  "more layers": [],
  "all of it": [],
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
  const model = randomModel(bert, { ...small, ...more }, inputs);
  const { differences } = await compareGrowth(bert, model, growths[growth], (plan) =>
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

describe("where norms stand after the sums", () => {
  it("zero blocks and lossless width go less far than copies", async () => {
    // as measured on this model: 0.5 of the largest logit beside 1.1, and 0.12 beside 0.34
    expect(await change("zero-block", "more layers")).toBeLessThan(
      0.7 * (await change("stack", "more layers")),
    );
    expect(await change("lemon", "half again the width")).toBeLessThan(
      0.7 * (await change("stack", "half again the width")),
    );
  });
});
