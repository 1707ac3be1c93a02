import { createRandom, methods, type MethodName } from "@ligo/core";
import { compareGrowth, randomModel } from "@ligo/testkit";
import { describe, expect, it } from "vitest";
import { cait } from "./index.js";

const small = {
  model_type: "cait",
  architectures: ["Cait"],
  img_size: 4,
  patch_size: 2,
  embed_dim: 8,
  depth: 2,
  depth_token_only: 1,
  num_heads: 2,
  num_classes: 3,
};
const { normal } = createRandom(5);
const inputs = new Map([
  ["pixel_values", { shape: [2, 3, 4, 4], data: Float32Array.from({ length: 96 }, normal) }],
]);
const growths = {
  "twice the width": { embed_dim: 16, num_heads: 4 },
  "half again the width": { embed_dim: 12, num_heads: 3 },
  "larger heads": { embed_dim: 16 },
  "more layers": { depth: 5, depth_token_only: 2 },
} as const;

/** The methods that keep the function, by what grows. All others change it, and say why where they are documented. */
const kept: Readonly<Record<keyof typeof growths, readonly MethodName[]>> = {
  "twice the width": ["stack", "interpolate", "zero-block", "lemon", "ligo-lossless"],
  // branches are scaled per channel: the mean of scaled outputs is not that of the outputs
  "half again the width": [],
  "larger heads": ["stack", "interpolate", "zero-block", "lemon", "ligo-lossless"],
  // an added layer that starts from scratch has a LayerScale of zero
  "more layers": ["zero-block", "net2net", "lemon", "ligo-lossless", "direct-copy"],
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
  const model = randomModel(cait, { ...small, ...more }, inputs);
  const { differences } = await compareGrowth(cait, model, growths[growth], (plan) =>
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
