import { bert } from "@ligo/bert";
import { cait } from "@ligo/cait";
import { createPlan, defineArchitecture, type Architecture, type RawConfig } from "@ligo/core";
import { gpt2 } from "@ligo/gpt2";
import { failure } from "@ligo/vitest/files";
import { describe, expect, it } from "vitest";
import { describeModel, type ModelSpec } from "../models/model-spec.js";
import { targetModel, type TargetConfig } from "./target-config.js";
import type { TargetModel } from "./target-model.js";
import { withKindKeys } from "./target-layers.js";

const BERT = {
  model_type: "bert",
  architectures: ["BertModel"],
  hidden_size: 16,
  num_attention_heads: 2,
  num_hidden_layers: 4,
  intermediate_size: 32,
  vocab_size: 40,
};
const GPT2 = { model_type: "gpt2", n_embd: 16, n_head: 2, n_layer: 2, vocab_size: 40 };
const CAIT = { model_type: "cait", embed_dim: 16, num_heads: 2, depth: 2, num_classes: 3 };

const target = (
  architecture: Architecture,
  config: RawConfig,
  layers: readonly number[],
  to: TargetConfig = {},
): Promise<TargetModel> =>
  targetModel(to, describeModel(architecture, config, "config.json"), { layers });

describe("the target of a list of layers", () => {
  it("has as many layers as the list", async () => {
    expect((await target(bert, BERT, [0, 1, 2, 1, 2, 3])).raw).toMatchObject({
      num_hidden_layers: 6,
      hidden_size: 16,
    });
    expect((await target(gpt2, GPT2, [0, 1, 1])).raw).toMatchObject({ n_layer: 3 });
  });

  it("takes its width from `to`", async () => {
    const wide = { hidden_size: 32, num_attention_heads: 4 };
    const { raw } = await target(bert, BERT, [0, 1, 2, 3, 3], wide);
    expect(raw).toMatchObject({ ...wide, num_hidden_layers: 5 });
    const whole = { ...BERT, ...wide, num_hidden_layers: 5 };
    expect((await target(bert, BERT, [0, 1, 2, 3, 3], whole)).raw).toEqual(whole);
  });

  it.each([{ num_hidden_layers: 6 }, { ...BERT, num_hidden_layers: 6 }, BERT])(
    "is refused another number of layers: %#",
    async (to) => {
      const count = String(to.num_hidden_layers);
      const error = await failure(target(bert, BERT, [0, 1, 2, 3, 3], to));
      expect(error).toMatchObject({
        code: "plan/layers",
        expected: "num_hidden_layers = 5",
        actual: count,
      });
      expect(error.message).toContain(
        `\`layers\` lists 5 layers, and \`to\` has num_hidden_layers ${count}`,
      );
    },
  );

  it("is refused layers that the source lacks, and a source of several stacks", async () => {
    expect((await failure(target(bert, BERT, [0, 4]))).message).toContain("names layer 4");
    expect((await failure(target(cait, CAIT, [0, 1, 1]))).message).toContain("Cait has ");
  });
});

describe("kinds of layers", () => {
  const kindsOf = ({
    layer_types: types,
    num_hidden_layers: count,
    period,
  }: RawConfig): string[] =>
    Array.isArray(types)
      ? types.map(String)
      : Array.from({ length: Number(count) }, (_, at) =>
          (at + 1) % Number(period ?? 2) === 0 ? "global" : "local",
        );
  const periodic = defineArchitecture({
    ...bert,
    perLayer: { layer_types: "num_hidden_layers" },
    layout(config, className) {
      const layout = bert.layout(config as never, className);
      const { encoder } = layout.stacks;
      return { ...layout, stacks: { encoder: { ...encoder!, kinds: kindsOf(config) } } };
    },
  });
  const types = ["local", "global", "local", "global"];

  it("follow the list where the config lists them", async () => {
    const { raw } = await target(periodic, { ...BERT, layer_types: types }, [0, 1, 1, 2, 3, 3]);
    expect(raw["layer_types"]).toEqual(["local", "global", "global", "local", "global", "global"]);
  });

  it("are those of the target where it lists them", async () => {
    const own = { ...BERT, num_hidden_layers: 5, layer_types: [...types, "global"] };
    const { raw } = await target(periodic, { ...BERT, layer_types: types }, [0, 1, 2, 3, 3], own);
    expect(raw).toMatchObject(own);
  });

  it("are refused by the keys that contradict the list", async () => {
    const refused = async (config: RawConfig, to: TargetConfig): Promise<Error> => {
      const layers = [0, 1, 1, 2, 3];
      const source: ModelSpec = describeModel(periodic, config, "config.json");
      const found = await targetModel(to, source, { layers });
      return failure(
        Promise.resolve().then(() =>
          withKindKeys(found, () => createPlan(source.layout, found.layout, { layers })),
        ),
      );
    };
    expect((await refused({ ...BERT, period: 2 }, {})).message).toBe(
      "`layers` makes layer 1 of the source, global, layer 2 of the target, which its config makes local (period). " +
        "Give layer_types in `to`, an entry for every layer.",
    );
    const listed = { ...BERT, num_hidden_layers: 5, layer_types: [...types, "local"] };
    expect((await refused({ ...BERT, layer_types: types }, listed)).message).toContain(
      "which its config makes local (layer_types)",
    );
  });
});
