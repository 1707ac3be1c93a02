import { methodNamed, type MethodName, type RawConfig } from "@ligo/core";
import { describeGradmax, describeMethods, functionChange } from "@ligo/testkit";
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
  nothing: {},
} as const;

describeMethods(bert, { small, inputs, growths });

const ids = { shape: [2, 9], data: Int32Array.from({ length: 18 }, (_, at) => (5 * at) % 23) };
describeGradmax(bert, {
  small,
  inputs: new Map([
    ["input_ids", ids],
    ["labels", ids],
  ]),
  growth: { intermediate_size: 15 },
});

describe("where norms stand after the sums", () => {
  it("zero blocks and lossless width go less far than copies", async () => {
    // as measured on this model: 0.5 of the largest logit beside 1.1, and 0.12 beside 0.34
    const changeOf = async (growth: RawConfig, name: MethodName): Promise<number> =>
      (await functionChange(bert, { small, inputs }, growth, methodNamed(name))).change;
    const [deep, wide] = [growths["more layers"], growths["half again the width"]];
    expect(await changeOf(deep, "zero-block")).toBeLessThan(0.7 * (await changeOf(deep, "stack")));
    expect(await changeOf(wide, "lemon")).toBeLessThan(0.7 * (await changeOf(wide, "stack")));
  });
});
