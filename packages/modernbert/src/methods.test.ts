import { methodNamed } from "@ligo/core";
import { functionChange } from "@ligo/testkit";
import { expect, it } from "vitest";
import { modernBert } from "./index.js";

const small = {
  model_type: "modernbert",
  architectures: ["ModernBertForMaskedLM"],
  vocab_size: 23,
  hidden_size: 12,
  num_hidden_layers: 2,
  num_attention_heads: 3,
  intermediate_size: 10,
  max_position_embeddings: 32,
  norm_eps: 1e-3,
  local_attention: 4,
};
const inputs = new Map([
  ["input_ids", { shape: [2, 5], data: Int32Array.of(2, 5, 11, 4, 9, 22, 7, 4, 3, 17) }],
]);
const method = methodNamed("lossless-fresh");

it("lossless-fresh keeps the function where the residual stream stays as wide", async () => {
  const growth = { num_hidden_layers: 3, intermediate_size: 17 };
  const { change, predicted } = await functionChange(modernBert, { small, inputs }, growth, method);
  expect(predicted).toEqual({ kept: true });
  expect(change).toBeLessThan(2e-6);
});

it("lossless-fresh says that embeddings are normed before the first layer, which no width keeps", async () => {
  const growth = { hidden_size: 24, num_attention_heads: 6 };
  const { change, predicted } = await functionChange(modernBert, { small, inputs }, growth, method);
  expect(predicted).toMatchObject({ kept: false });
  expect(JSON.stringify(predicted)).toContain(
    "model.embeddings.norm.weight stands before the layers",
  );
  expect(change).toBeGreaterThan(1e-3);
});
