import { createRandom, methods, type MethodName } from "@ligo/core";
import { compareGrowth, randomModel } from "@ligo/testkit";
import { describe, expect, it } from "vitest";
import { vit } from "./index.js";

const small = {
  model_type: "vit",
  architectures: ["ViTForImageClassification"],
  image_size: 4,
  patch_size: 2,
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 12,
  num_labels: 3,
};
const { normal } = createRandom(5);
const inputs = new Map([
  ["pixel_values", { shape: [2, 3, 4, 4], data: Float32Array.from({ length: 96 }, normal) }],
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
  const model = randomModel(vit, { ...small, ...more }, inputs);
  const { differences } = await compareGrowth(vit, model, growths[growth], (plan) =>
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
