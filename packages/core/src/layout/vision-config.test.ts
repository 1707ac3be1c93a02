import { describe, expect, it } from "vitest";
import type { RawConfig } from "./architecture.js";
import { checkConfig } from "./check-config.js";
import { patchGrid, visionConfig } from "./vision-config.js";

const vit = { config: visionConfig("vit"), modelTypes: ["vit"] };

describe("visionConfig", () => {
  it("has Hugging Face's defaults and keeps what it does not know", () => {
    const config = checkConfig(vit, { model_type: "vit", dtype: "float32" });
    expect(config).toMatchObject({
      hidden_size: 768,
      image_size: 224,
      qkv_bias: true,
      dtype: "float32",
    });
    expect(patchGrid(config)).toEqual({
      image: [224, 224],
      patch: [16, 16],
      rows: 14,
      columns: 14,
      patches: 196,
    });
  });

  it("takes images and patches that are not square", () => {
    const config = checkConfig(vit, {
      model_type: "vit",
      image_size: [32, 48],
      patch_size: [8, 4],
    });
    expect(patchGrid(config)).toMatchObject({ rows: 4, columns: 12, patches: 48 });
  });

  it.each([
    [{ model_type: "deit" }, "vit"],
    [
      { model_type: "vit", image_size: 30, patch_size: 16 },
      "whole number of patches of patch_size 16 x 16",
    ],
    [{ model_type: "vit", hidden_size: 10, num_attention_heads: 4 }, "not a multiple"],
    [{ model_type: "vit", hidden_act: "prelu" }, "hidden_act"],
  ] satisfies [RawConfig, string][])("refuses %j", (raw, reason) => {
    expect(() => checkConfig(vit, raw)).toThrow(reason);
  });
});
