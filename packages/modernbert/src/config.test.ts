import { checkConfig, type Layout } from "@ligo/core";
import { labelCount } from "@ligo/core/layout";
import { configIssues } from "@ligo/testkit";
import { describe, expect, it } from "vitest";
import modernBertHeaders from "./__fixtures__/headers.json" with { type: "json" };
import { modernBert } from "./index.js";

/** Defaults of a version of transformers; version 4 has no `rope_parameters`. */
interface Defaults {
  readonly num_labels: number;
  readonly rope_parameters?: object;
}

describe("the schema of config.json", () => {
  it.each(Object.entries<Defaults>(modernBertHeaders.defaults))(
    "has the defaults of transformers %s: modernbert",
    (_version, { num_labels: classes, rope_parameters: _speeds, ...others }) => {
      const config = checkConfig(modernBert, { model_type: "modernbert" });
      expect(config).toMatchObject(others);
      expect(labelCount(config)).toBe(classes);
    },
  );

  const small = { model_type: "modernbert", hidden_size: 8, num_attention_heads: 2 };

  it("reads kinds of layers and rotary embeddings as transformers 4 and 5 write them", () => {
    const layout = (keys: object): Layout =>
      modernBert.layout(checkConfig(modernBert, { ...small, ...keys }), "ModernBertModel");
    const old = layout({
      num_hidden_layers: 3,
      global_attn_every_n_layers: 2,
      global_rope_theta: 900,
      local_rope_theta: 100,
    });
    expect(old).toEqual(
      layout({
        num_hidden_layers: 3,
        layer_types: ["full_attention", "sliding_attention", "full_attention"],
        rope_parameters: {
          full_attention: { rope_type: "default", rope_theta: 900 },
          sliding_attention: { rope_type: "default", rope_theta: 100 },
        },
      }),
    );
    expect(old.spaces["query"]?.factors?.at(-1)?.rotary?.[1]).toEqual([1, Math.fround(0.1)]);
  });

  it("refuses heads of an odd size, and a list of layers of another length", () => {
    expect(configIssues(modernBert, { ...small, hidden_size: 6 })).toHaveLength(1);
    expect(configIssues(modernBert, { ...small, layer_types: [] })).toHaveLength(1);
  });
});
