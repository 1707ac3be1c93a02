import { checkConfig } from "@ligo/core";
import { labelCount } from "@ligo/core/layout";
import { configIssues } from "@ligo/testkit";
import { describe, expect, it } from "vitest";
import headers from "./__fixtures__/headers.json" with { type: "json" };
import { roberta } from "./index.js";

const complaints = (changes: Readonly<Record<string, unknown>>): readonly string[] =>
  configIssues(roberta, { model_type: "roberta", ...changes });

describe("the schema of config.json", () => {
  it.each(Object.entries(headers.defaults))(
    "has the defaults of transformers %s",
    (_version, recorded) => {
      const config = checkConfig(roberta, { model_type: "roberta" });
      const { num_labels: classes, ...others } = recorded;
      expect(config).toMatchObject(others);
      expect(labelCount(config)).toBe(classes);
    },
  );

  it("refuses heads that do not divide the width", () => {
    expect(complaints({ hidden_size: 10, num_attention_heads: 4 })).toEqual([
      "num_attention_heads: hidden_size 10 is not a multiple of num_attention_heads 4",
    ]);
  });

  it("needs positions behind those that count for padding", () => {
    expect(complaints({ max_position_embeddings: 2 })).toEqual([
      expect.stringMatching(/^max_position_embeddings: .*pad_token_id \+ 1 rows/u),
    ]);
    expect(complaints({ max_position_embeddings: 3 })).toEqual([]);
    expect(complaints({ max_position_embeddings: 3, pad_token_id: 2 })).toHaveLength(1);
  });

  it.each(["is_decoder", "add_cross_attention"])("refuses decoders: %s", (key) => {
    expect(complaints({ [key]: true })).toEqual([`${key}: LiGO grows RoBERTa encoders only`]);
    expect(complaints({ [key]: false })).toEqual([]);
  });

  it.each([
    { hidden_act: "xielu" },
    { position_embedding_type: "relative_key" },
    { pad_token_id: -1 },
    { pad_token_id: null },
    { vocab_size: 1.5 },
    { layer_norm_eps: 0 },
    { model_type: "bert" },
  ])("refuses %j", (changes) => {
    const [key] = Object.keys(changes);
    expect(complaints(changes).map((complaint) => complaint.split(":")[0])).toEqual([key]);
  });
});
