import { checkConfig } from "@ligo/core";
import { muonFlops } from "@ligo/core/cost";
import { hiddenMatrix } from "@ligo/core/layout";
import { expect, it } from "vitest";
import { gptNeoX } from "./index.js";

it("tells the matrices of layers, queries, keys and values apart head by head", () => {
  const config = checkConfig(gptNeoX, {
    model_type: "gpt_neox",
    hidden_size: 32,
    intermediate_size: 48,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    vocab_size: 64,
  });
  const layout = gptNeoX.layout(config, "GPTNeoXForCausalLM");
  const found = layout.parameters.map(
    (parameter) => [parameter.name, hiddenMatrix(layout, parameter)] as const,
  );
  const layer = "gpt_neox.layers.{i}";
  expect(Object.fromEntries(found.filter(([, matrix]) => matrix !== undefined))).toEqual({
    [`${layer}.attention.query_key_value.weight`]: { axis: 0, sizes: [32, 32, 32], blocks: 2 },
    [`${layer}.attention.dense.weight`]: { axis: 0, sizes: [32] },
    [`${layer}.mlp.dense_h_to_4h.weight`]: { axis: 0, sizes: [48] },
    [`${layer}.mlp.dense_4h_to_h.weight`]: { axis: 0, sizes: [32] },
  });
  // five iterations of 4 m^2 n + 2 m^3; four matrices of 32 x 32 and two of 32 x 48, in two layers
  const [square, wide] = [32, 48].map((long) => 5 * (4 * 32 * 32 * long + 2 * 32 ** 3));
  expect(muonFlops(layout)).toBe(2 * (4 * (square ?? 0) + 2 * (wide ?? 0)));
});
