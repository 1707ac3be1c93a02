import { checkConfig } from "@ligo/core";
import { labelCount } from "@ligo/core/layout";
import { configIssues } from "@ligo/testkit";
import { describe, expect, it } from "vitest";
import gptNeoXHeaders from "./__fixtures__/headers.json" with { type: "json" };
import { gptNeoX } from "./index.js";

/** Defaults of a version of transformers; version 4 has no `rope_parameters`. */
interface Defaults {
  readonly num_labels: number;
  readonly rope_parameters?: object;
}

describe("the schema of config.json", () => {
  it.each(Object.entries<Defaults>(gptNeoXHeaders.defaults))(
    "has the defaults of transformers %s: gpt_neox",
    (_version, { num_labels: classes, rope_parameters: _speeds, ...others }) => {
      const config = checkConfig(gptNeoX, { model_type: "gpt_neox" });
      expect(config).toMatchObject(others);
      expect(labelCount(config)).toBe(classes);
    },
  );

  const small = {
    model_type: "gpt_neox",
    hidden_size: 32,
    num_attention_heads: 2,
    max_position_embeddings: 16,
  };

  it("reads rotary embeddings as transformers 4 and 5 write them", () => {
    const speeds = (keys: object): readonly number[] | undefined =>
      gptNeoX
        .layout(checkConfig(gptNeoX, { ...small, ...keys }), "GPTNeoXModel")
        .spaces["query"]?.factors?.at(-1)?.rotary?.[0];
    expect(speeds({ rotary_pct: 0.5, rotary_emb_base: 100 })).toEqual(
      speeds({ rope_parameters: { partial_rotary_factor: 0.5, rope_theta: 100 } }),
    );
    expect(speeds({})).toHaveLength(2);
    const stretched = { rope_scaling: { type: "linear", factor: 2 } };
    expect(speeds(stretched)).toEqual(speeds({})?.map((speed) => speed / 2));
  });

  it("refuses heads of which an odd number of channels turns, and unknown ways to turn", () => {
    expect(configIssues(gptNeoX, { ...small, hidden_size: 24 })).toHaveLength(1);
    expect(configIssues(gptNeoX, { ...small, rope_scaling: { type: "longrope" } })).toHaveLength(1);
  });
});
