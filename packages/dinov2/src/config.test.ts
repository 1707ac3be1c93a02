import { checkConfig } from "@ligo/core";
import { labelCount } from "@ligo/core/layout";
import { configIssues } from "@ligo/testkit";
import { describe, expect, it } from "vitest";
import dinov2Headers from "./__fixtures__/headers.json" with { type: "json" };
import dinov2WithRegistersHeaders from "./__fixtures__/headers-registers.json" with { type: "json" };
import { dinov2, dinov2WithRegisters } from "./index.js";

describe("the schema of config.json", () => {
  it.each(Object.entries(dinov2Headers.defaults))(
    "has the defaults of transformers %s: dinov2",
    (_version, { num_labels: classes, ...others }) => {
      const config = checkConfig(dinov2, { model_type: "dinov2" });
      expect(config).toMatchObject(others);
      expect(labelCount(config)).toBe(classes);
    },
  );

  it.each(Object.entries(dinov2WithRegistersHeaders.defaults))(
    "has the defaults of transformers %s: dinov2_with_registers",
    (_version, { num_labels: classes, ...others }) => {
      const config = checkConfig(dinov2WithRegisters, { model_type: "dinov2_with_registers" });
      expect(config).toMatchObject(others);
      expect(labelCount(config)).toBe(classes);
    },
  );

  it("gives a gated MLP two thirds of the size, up to a multiple of 8", () => {
    const mlp = (keys: object): number | undefined =>
      dinov2.layout(checkConfig(dinov2, { model_type: "dinov2", ...keys }), "Dinov2Model").spaces[
        "mlp"
      ]?.size;
    expect(mlp({ hidden_size: 768, use_swiglu_ffn: true })).toBe(2048);
    expect(mlp({ hidden_size: 1536, num_attention_heads: 24, use_swiglu_ffn: true })).toBe(4096);
    expect(mlp({ hidden_size: 768 })).toBe(3072);
  });

  it("refuses images that are no whole number of patches", () => {
    expect(configIssues(dinov2, { model_type: "dinov2", image_size: 225 })).toHaveLength(1);
  });
});
