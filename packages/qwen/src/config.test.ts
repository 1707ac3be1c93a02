import { checkConfig } from "@ligo/core";
import { labelCount } from "@ligo/core/layout";
import { configIssues } from "@ligo/testkit";
import { describe, expect, it } from "vitest";
import qwen2Headers from "./__fixtures__/qwen2/headers.json" with { type: "json" };
import qwen3Headers from "./__fixtures__/qwen3/headers.json" with { type: "json" };
import { qwen2, qwen3 } from "./index.js";

/** Defaults of a version of transformers; version 4 has no `rope_parameters`. */
interface Defaults {
  readonly num_labels: number;
  readonly rope_parameters?: object;
}

const small = {
  model_type: "qwen2",
  hidden_size: 8,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  num_hidden_layers: 2,
};

describe("the schema of config.json", () => {
  it.each(Object.entries<Defaults>(qwen2Headers.defaults))(
    "has the defaults of transformers %s: qwen2",
    (_version, { num_labels: classes, rope_parameters: _speeds, ...others }) => {
      const config = checkConfig(qwen2, { model_type: "qwen2" });
      expect(config).toMatchObject(others);
      expect(labelCount(config)).toBe(classes);
    },
  );

  it.each(Object.entries<Defaults>(qwen3Headers.defaults))(
    "has the defaults of transformers %s: qwen3",
    (_version, { num_labels: classes, rope_parameters: _speeds, ...others }) => {
      const config = checkConfig(qwen3, { model_type: "qwen3" });
      expect(config).toMatchObject(others);
      expect(labelCount(config)).toBe(classes);
    },
  );

  it("gives layers windows as transformers 4 and 5 say it", () => {
    const kinds = (keys: object): readonly string[] | undefined =>
      qwen2.layout(checkConfig(qwen2, { ...small, ...keys }), "Qwen2Model").stacks["decoder"]
        ?.kinds;
    const window = { use_sliding_window: true, sliding_window: 3 };
    expect(kinds({ ...window, max_window_layers: 1 })).toEqual([
      "full_attention",
      "sliding_attention",
    ]);
    expect(kinds({ sliding_window: 3, max_window_layers: 1 })).toBeUndefined();
    expect(kinds({ layer_types: ["sliding_attention", "full_attention"] })).toEqual([
      "sliding_attention",
      "full_attention",
    ]);
  });

  it("refuses a list of layers of another length", () => {
    expect(configIssues(qwen2, { ...small, layer_types: ["full_attention"] })).toEqual([
      "layer_types: layer_types has 1 entries for num_hidden_layers 2",
    ]);
  });
});
