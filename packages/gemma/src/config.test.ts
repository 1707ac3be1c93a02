import { checkConfig } from "@ligo/core";
import { labelCount } from "@ligo/core/layout";
import { configIssues } from "@ligo/testkit";
import { describe, expect, it } from "vitest";
import gemma2Headers from "./__fixtures__/gemma2/headers.json" with { type: "json" };
import gemma3Headers from "./__fixtures__/gemma3/headers.json" with { type: "json" };
import { gemma2, gemma3, gemma3WithImages } from "./index.js";

/** Defaults of a version of transformers; version 4 has no `rope_parameters`. */
interface Defaults {
  readonly num_labels: number;
  readonly rope_parameters?: object;
}

describe("the schema of config.json", () => {
  it.each(Object.entries<Defaults>(gemma2Headers.defaults))(
    "has the defaults of transformers %s: gemma2",
    (_version, { num_labels: classes, rope_parameters: _speeds, ...others }) => {
      const config = checkConfig(gemma2, { model_type: "gemma2" });
      expect(config).toMatchObject(others);
      expect(labelCount(config)).toBe(classes);
    },
  );

  it.each(Object.entries<Defaults>(gemma3Headers.defaults))(
    "has the defaults of transformers %s: gemma3_text",
    (_version, { num_labels: classes, rope_parameters: _speeds, ...others }) => {
      const config = checkConfig(gemma3, { model_type: "gemma3_text" });
      expect(config).toMatchObject(others);
      expect(labelCount(config)).toBe(classes);
    },
  );

  it("reads the two rotary embeddings as transformers 4 and 5 write them", () => {
    const speeds = (keys: object): readonly (readonly number[])[] | undefined =>
      gemma3
        .layout(
          checkConfig(gemma3, { model_type: "gemma3_text", head_dim: 4, ...keys }),
          "Gemma3TextModel",
        )
        .spaces["value"]?.factors?.at(-1)?.rotary;
    const old = {
      rope_theta: 900,
      rope_local_base_freq: 100,
      rope_scaling: { rope_type: "linear", factor: 2 },
    };
    expect(speeds(old)).toEqual(
      speeds({
        rope_parameters: {
          full_attention: { rope_type: "linear", factor: 2, rope_theta: 900 },
          sliding_attention: { rope_type: "default", rope_theta: 100 },
        },
      }),
    );
    expect(speeds(old)?.[1]).toEqual([1, Math.fround(0.1)]);
  });

  it("says how to take the text model out of one with images", () => {
    const [complaint] = configIssues(gemma3WithImages, { model_type: "gemma3", text_config: {} });
    expect(complaint).toContain("t.save_pretrained('text')");
  });

  it("refuses attention to what comes after", () => {
    const config = { model_type: "gemma3_text", use_bidirectional_attention: true };
    expect(configIssues(gemma3, config)).toHaveLength(1);
  });
});
