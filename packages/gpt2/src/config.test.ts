import { checkConfig } from "@ligo/core";
import { hiddenMatrix, labelCount } from "@ligo/core/layout";
import { configIssues } from "@ligo/testkit";
import { describe, expect, it } from "vitest";
import headers from "./__fixtures__/headers.json" with { type: "json" };
import { gpt2 } from "./index.js";

const complaints = (changes: Readonly<Record<string, unknown>>): readonly string[] =>
  configIssues(gpt2, { model_type: "gpt2", ...changes });

describe("the schema of config.json", () => {
  it.each(Object.entries(headers.defaults))(
    "has the defaults of transformers %s",
    (_version, recorded) => {
      const config = checkConfig(gpt2, { model_type: "gpt2" });
      const { num_labels: classes, ...others } = recorded;
      expect(config).toMatchObject(others);
      expect(labelCount(config)).toBe(classes);
    },
  );

  it("takes 4 n_embd for the size of the MLP where n_inner is null", () => {
    const mlp = (changes: object): number | undefined =>
      gpt2.layout(checkConfig(gpt2, { model_type: "gpt2", n_embd: 24, ...changes }), "GPT2Model")
        .spaces["mlp"]?.size;
    expect(mlp({})).toBe(96);
    expect(mlp({ n_inner: null })).toBe(96);
    expect(mlp({ n_inner: 50 })).toBe(50);
  });

  it("has the matrices of its layers side by side where they are fused", () => {
    const layout = gpt2.layout(checkConfig(gpt2, { model_type: "gpt2", n_embd: 24 }), "GPT2Model");
    const found = layout.parameters.map(
      (parameter) => [parameter.name, hiddenMatrix(layout, parameter)] as const,
    );
    expect(Object.fromEntries(found.filter(([, matrix]) => matrix !== undefined))).toEqual({
      "transformer.h.{i}.attn.c_attn.weight": { axis: 1, sizes: [24, 24, 24] },
      "transformer.h.{i}.attn.c_proj.weight": { axis: 0, sizes: [24] },
      "transformer.h.{i}.mlp.c_fc.weight": { axis: 0, sizes: [24] },
      "transformer.h.{i}.mlp.c_proj.weight": { axis: 0, sizes: [96] },
    });
  });

  it("refuses heads that do not divide the width", () => {
    expect(complaints({ n_embd: 10, n_head: 4 })).toEqual([
      "n_head: n_embd 10 is not a multiple of n_head 4",
    ]);
  });

  it("reads values that transformers takes for none, and names that are numbers", () => {
    const raw = {
      model_type: "gpt2",
      id2label: null,
      label2id: null,
      num_labels: 3,
      pad_token_id: -1,
      add_cross_attention: null,
    };
    const config = checkConfig(gpt2, raw);
    expect(labelCount(config)).toBe(3);
    expect(config).toEqual({ ...checkConfig(gpt2, { model_type: "gpt2" }), ...raw });
    const numbers = checkConfig(gpt2, { model_type: "gpt2", id2label: { 0: 1, 1: 0, 2: "2" } });
    expect(numbers.id2label).toEqual({ 0: "1", 1: "0", 2: "2" });
    for (const none of [{ id2label: null }, { num_labels: null }])
      expect(labelCount(checkConfig(gpt2, { model_type: "gpt2", ...none }))).toBe(2);
  });

  it("reads sizes by the names that transformers has for all families", () => {
    const sizes = { hidden_size: 24, num_hidden_layers: 3, num_attention_heads: 4 };
    expect(checkConfig(gpt2, { model_type: "gpt2", ...sizes })).toMatchObject({
      n_embd: 24,
      n_layer: 3,
      n_head: 4,
    });
  });

  it("refuses cross-attention by name", () => {
    expect(complaints({ add_cross_attention: true })).toEqual([
      "add_cross_attention: LiGO grows GPT-2 without cross-attention only",
    ]);
  });

  it.each(["gelu", "gelu_fast", "relu", "silu", "tanh", "quick_gelu"])("takes %s", (name) => {
    expect(complaints({ activation_function: name })).toEqual([]);
  });

  it.each([
    { activation_function: "xielu" },
    { activation_function: "sine" },
    { scale_attn_weights: "yes" },
    { reorder_and_upcast_attn: 1 },
    { n_inner: 0 },
    { n_layer: 1.5 },
    { layer_norm_epsilon: 0 },
    { model_type: "gpt_neo" },
  ])("refuses %j", (changes) => {
    const [key] = Object.keys(changes);
    expect(complaints(changes).map((complaint) => complaint.split(":")[0])).toEqual([key]);
  });
});
