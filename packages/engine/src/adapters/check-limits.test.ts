import { expect, it } from "vitest";
import { checkLimits } from "./check-limits.js";

const device = { name: "a GPU", limits: { maxBufferBytes: 2 ** 29 } };

it("Tensors that fit, in float32 or by their elements' bytes, are taken", () => {
  const embedding = { shape: [150_000, 1024] };
  expect(() => checkLimits({ a: { shape: [2 ** 27] } }, device)).not.toThrow();
  expect(() => checkLimits({ a: { ...embedding, elementBytes: 2 } }, device)).not.toThrow();
  expect(() => checkLimits({ a: embedding }, { name: "a GPU", limits: {} })).not.toThrow();
});

it("A tensor larger than a buffer may be is refused with both numbers", () => {
  const tensors = { bias: { shape: [4] }, "model.embed_tokens.weight": { shape: [150_000, 1024] } };
  expect(() => checkLimits(tensors, device)).toThrow(
    expect.objectContaining({
      code: "engine/tensor-too-large",
      tensor: "model.embed_tokens.weight",
      expected: "at most 536870912 bytes",
      actual: "614400000 bytes",
      message: expect.stringMatching(
        /of shape \[150000, 1024\] takes 614,400,000 bytes, more than the 536,870,912 .* of a GPU/u,
      ) as string,
    }),
  );
});
