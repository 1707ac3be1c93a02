import { bert } from "@ligo/bert";
import { parameterCount, type Architecture, type RawConfig } from "@ligo/core";
import { deit } from "@ligo/deit";
import { failure } from "@ligo/vitest/files";
import { describe, expect, it } from "vitest";
import { describeModel } from "../models/model-spec.js";
import { targetModel, type TargetConfig } from "./target-config.js";
import type { TargetModel } from "./target-model.js";

const BASE = { model_type: "bert", architectures: ["BertForMaskedLM"] };
const LARGER = { hidden_size: 1024, num_attention_heads: 16, intermediate_size: 4096 };

const target = (
  to: TargetConfig,
  access: Parameters<typeof targetModel>[2] = {},
  config: RawConfig = BASE,
  architecture: Architecture = bert,
): Promise<TargetModel> =>
  targetModel(to, describeModel(architecture, config, "config.json"), access);

describe("a target by a word", () => {
  it.each([
    ["2x", { ...LARGER, num_hidden_layers: 15 }],
    ["2x-wide", { hidden_size: 1536, num_attention_heads: 24, intermediate_size: 6144 }],
    ["1.5x-wide", { hidden_size: 1152, num_attention_heads: 18, intermediate_size: 4608 }],
    ["3x-deep", { num_hidden_layers: 36 }],
    ["1.3x-deep", { num_hidden_layers: 16 }],
  ])("%s", async (word, keys) => {
    const { chosen, raw } = await target(word);
    expect(chosen).toEqual(keys);
    expect(raw).toEqual({ ...BASE, ...keys });
  });

  it("takes keys along that follow the width", async () => {
    const config = { model_type: "deit", hidden_size: 192, num_attention_heads: 3 };
    const { raw } = await target("2x-wide", {}, { ...config, pooler_output_size: 192 }, deit);
    expect(raw).toMatchObject({ hidden_size: 384, pooler_output_size: 384 });
  });

  it("is refused where heads are no whole number, with the nearest", async () => {
    const small = { ...BASE, hidden_size: 192, num_attention_heads: 3 };
    expect((await failure(target("1.5x-wide", {}, small))).message).toBe(
      "No whole number of heads makes the source 1.5 times as wide. Ask for 1.33x-wide or 1.67x-wide, or name the sizes.",
    );
  });

  it.each(["2x-tall", "2x-", "1.x", "2.5.1x"])("is not %s", async (to) => {
    expect(await failure(target(to))).toMatchObject({ code: "sdk/target-word", actual: to });
  });
});

describe("a target of a number of parameters", () => {
  it.each([
    ["width and depth in ratio", {}, {}, 335e6],
    ["a shape", "2x-deep", { num_hidden_layers: 24 }, 300e6],
    ["a shape", "1x-wide", { hidden_size: 768 }, 300e6],
  ])("grows by %s", async (_name, to, keys, parameters) => {
    const { config, layout } = await target(to, { parameters });
    expect(config).toMatchObject(keys);
    expect(Math.abs(parameterCount(layout) / parameters - 1)).toBeLessThanOrEqual(0.05);
  });

  it("has the layers of a list", async () => {
    const layers = [...Array(12).keys(), 4, 5, 6, 7];
    const { chosen } = await target({}, { parameters: 200e6, layers });
    expect(chosen).toMatchObject({ num_hidden_layers: 16 });
    const error = await failure(target("2x-deep", { layers }));
    expect(error.message).toContain("lists 16 layers, and `to` has num_hidden_layers 24");
  });

  it("is refused where nothing comes near, with the nearest, or where it is less than the source's", async () => {
    const small = { ...BASE, hidden_size: 192, num_attention_heads: 3, intermediate_size: 768 };
    const near = await failure(target("2x-deep", { parameters: 21e6 }, small));
    expect(near).toMatchObject({ code: "plan/sizes" });
    expect(near.message).toMatch(/within 5 % of 21,000,000 parameters. The nearest has /u);
    expect(await failure(target({}, { parameters: 1e6 }))).toMatchObject({
      code: "plan/smaller-target",
      actual: "1,000,000",
    });
  });
});
