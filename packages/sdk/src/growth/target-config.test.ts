import { bert } from "@ligo/bert";
import { defineArchitecture, type RawConfig } from "@ligo/core";
import { describe, expect, it } from "vitest";
import { describeModel } from "../models/model-spec.js";
import { targetModel } from "./target-config.js";

const architecture = defineArchitecture({ ...bert, follows: { output_size: "hidden_size" } });
const target = async (source: RawConfig, to: RawConfig): Promise<RawConfig> => {
  const raw = { model_type: "bert", hidden_size: 24, num_attention_heads: 2, ...source };
  const spec = describeModel(architecture, raw, "config.json", "BertModel");
  return (await targetModel(to, spec)).raw;
};

describe("a key that follows another", () => {
  it("goes along where both were equal", async () => {
    const raw = await target({ output_size: 24 }, { hidden_size: 48 });
    expect(raw).toMatchObject({ hidden_size: 48, output_size: 48 });
  });

  it("stays where it was different, absent, or is set itself", async () => {
    expect(await target({ output_size: 6 }, { hidden_size: 48 })).toMatchObject({ output_size: 6 });
    expect(await target({}, { hidden_size: 48 })).not.toHaveProperty("output_size");
    expect(await target({ output_size: 24 }, { hidden_size: 48, output_size: 30 })).toMatchObject({
      output_size: 30,
    });
    expect(await target({ output_size: 24 }, { num_hidden_layers: 3 })).toMatchObject({
      output_size: 24,
    });
  });
});
