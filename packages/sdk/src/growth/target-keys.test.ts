import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bert } from "@ligo/bert";
import { cait } from "@ligo/cait";
import type { Architecture, RawConfig } from "@ligo/core";
import { deit } from "@ligo/deit";
import { gpt2 } from "@ligo/gpt2";
import { vit } from "@ligo/vit";
import { failure, temporaryFolder } from "@ligo/vitest/files";
import { describe, expect, it } from "vitest";
import type { LigoEvent } from "../events.js";
import { describeModel } from "../models/model-spec.js";
import { targetModel, type TargetConfig } from "./target-config.js";
import type { TargetModel } from "./target-model.js";
import { checkTargetSizes } from "./target-sizes.js";

const BERT = {
  model_type: "bert",
  architectures: ["BertForSequenceClassification"],
  hidden_size: 16,
  num_attention_heads: 2,
  num_hidden_layers: 2,
  intermediate_size: 32,
  vocab_size: 40,
  max_position_embeddings: 16,
};
const GPT2 = {
  model_type: "gpt2",
  architectures: ["GPT2LMHeadModel"],
  n_embd: 16,
  n_head: 2,
  n_layer: 2,
  vocab_size: 40,
};
const VIT = {
  model_type: "vit",
  architectures: ["ViTForImageClassification"],
  hidden_size: 16,
  num_attention_heads: 2,
  num_hidden_layers: 2,
  intermediate_size: 32,
  image_size: 8,
  patch_size: 4,
};
const CAIT = {
  model_type: "cait",
  architectures: ["Cait"],
  embed_dim: 16,
  num_heads: 2,
  depth: 2,
  img_size: 8,
  patch_size: 4,
  num_classes: 3,
};

const changes = (event: LigoEvent): readonly string[] =>
  event.type === "warning" && event.code === "target-changes" ? event.changes : [];

/** The target of a source, sizes checked, and what is told of it. */
async function target(
  architecture: Architecture,
  config: RawConfig,
  to: TargetConfig,
): Promise<TargetModel & { readonly told: readonly string[] }> {
  const told: string[] = [];
  const source = describeModel(architecture, config, "config.json");
  const emit = (event: LigoEvent): void => void told.push(...changes(event));
  const found = await targetModel(to, source, { emit });
  checkTargetSizes(source, found);
  return { ...found, told };
}

describe("keys that transformers has two names for", () => {
  it.each([
    [gpt2, GPT2, { num_hidden_layers: 3 }, { n_layer: 3 }],
    [gpt2, GPT2, { hidden_size: 32, num_attention_heads: 4 }, { n_embd: 32, n_head: 4 }],
    [gpt2, { ...GPT2, n_layer: undefined, num_hidden_layers: 2 }, { n_layer: 4 }, { n_layer: 4 }],
    [cait, CAIT, { num_hidden_layers: 3, hidden_size: 32 }, { depth: 3, embed_dim: 32 }],
  ] as const)("are one key: %#", async (architecture, config, to, expected) => {
    const source = Object.fromEntries(
      Object.entries(config).filter(([, one]) => one !== undefined),
    );
    const { raw } = await target(architecture, source, to);
    expect(raw).toMatchObject(expected);
    for (const alias of Object.keys(architecture.aliases ?? {}))
      expect(raw).not.toHaveProperty(alias);
  });

  it("are refused with two values, in either file", async () => {
    const both = { n_layer: 3, num_hidden_layers: 4 };
    const errors = [
      await failure(target(gpt2, GPT2, both)),
      await failure(target(gpt2, { ...GPT2, hidden_size: 17 }, { n_layer: 3 })),
    ];
    for (const error of errors) expect(error.code).toBe("config/alias-conflict");
    expect(errors[0]?.message).toMatch(/n_layer is 3 and num_hidden_layers is 4/u);
  });
});

describe("keys that nothing reads", () => {
  it.each([
    [bert, BERT, "num_hidden_layer", "num_hidden_layers"],
    [bert, BERT, "hiden_size", "hidden_size"],
    [bert, BERT, "numHiddenLayers", "num_hidden_layers"],
    [bert, BERT, "n_layer", "num_hidden_layers"],
    [bert, BERT, "d_model", "hidden_size"],
    [gpt2, GPT2, "intermediate_size", "n_inner"],
    [vit, VIT, "depth", "num_hidden_layers"],
    [deit, { ...VIT, model_type: "deit", architectures: ["DeiTModel"] }, "mlp_ratio", undefined],
    [cait, CAIT, "intermediate_size", undefined],
  ] as const)("are refused: %#", async (architecture, config, key, meant) => {
    const error = await failure(target(architecture, config, { [key]: 4 }));
    expect(error).toMatchObject({ code: "config/unknown-key", actual: key });
    if (meant !== undefined) expect(error.expected).toBe(meant);
  });

  it("do not bother where they ask for nothing", async () => {
    const told = { torch_dtype: "float32", use_cache: true, transformers_version: "5.0.0" };
    await target(bert, { ...BERT, my_key: [1] }, { num_hidden_layers: 3, my_key: [1], ...told });
    const changed = failure(target(bert, { ...BERT, my_key: [1] }, { my_key: [2] }));
    expect((await changed).code).toBe("config/unknown-key");
  });

  it("may stand in a whole config, unless it is a misspelt one", async () => {
    const { told } = await target(bert, BERT, { ...BERT, directionality: "bidi" });
    expect(told).toEqual(['directionality changes from nothing to "bidi"']);
    const { hidden_size: size, ...others } = BERT;
    const misspelt = failure(target(bert, BERT, { ...others, hiden_size: size }));
    expect(await misspelt).toMatchObject({ code: "config/unknown-key", expected: "hidden_size" });
  });

  it("are looked for before twice the same key", async () => {
    const error = await failure(target(bert, BERT, '{"hidden_size": 32, "hidden_size": 64}'));
    expect(error).toMatchObject({
      code: "sdk/target-not-json",
      message: expect.stringContaining('"hidden_size" twice') as string,
    });
  });
});

describe("sizes that do not grow", () => {
  it.each([
    [bert, BERT, { type_vocab_size: 3 }, "type_vocab_size"],
    [bert, BERT, { num_labels: 5 }, "num_labels"],
    [bert, { ...BERT, id2label: { 0: "a", 1: "b" } }, { num_labels: 5 }, "num_labels"],
    [vit, VIT, { patch_size: 2 }, "patch_size"],
    [vit, VIT, { num_channels: 1 }, "num_channels"],
    [cait, CAIT, { num_labels: 5 }, "num_labels"],
  ] as const)("are named by their key: %#", async (architecture, config, to, key) => {
    const error = await failure(target(architecture, config, to));
    expect(error.code).toBe("plan/fixed-size");
    expect(error.message).toMatch(new RegExp(`\`to\`: .*\\b${key} is \\S+ in the source`, "u"));
    expect(error.message).not.toMatch(/"(?:vocab|position|type|label|channel)"/u);
  });

  it.each([
    [{ num_hidden_layers: 1 }, "plan/fewer-layers", /num_hidden_layers is 2 in the source and 1/u],
    [{ intermediate_size: 16 }, "plan/smaller-target", /intermediate_size is 32 in the source/u],
    [{ hidden_size: 8 }, "plan/smaller-target", /hidden_size is 16 in the source/u],
  ])("and those that shrink: %j", async (to, code, message) => {
    const error = await failure(target(bert, BERT, to));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it.each([
    [bert, BERT, { vocab_size: 39 }, "vocab_size"],
    [bert, BERT, { max_position_embeddings: 8 }, "max_position_embeddings"],
    [gpt2, GPT2, { max_position_embeddings: 512 }, "max_position_embeddings"],
    [vit, VIT, { image_size: 4 }, "image_size"],
    [cait, CAIT, { image_size: 4 }, "image_size"],
  ] as const)("and rows that become fewer: %#", async (architecture, config, to, key) => {
    const error = await failure(target(architecture, config, to));
    expect(error.code).toBe("plan/smaller-target");
    expect(error.message).toMatch(new RegExp(`\`to\`: .*\\b${key} is \\S+ in the source`, "u"));
  });

  it("are fine as they are", async () => {
    const { raw } = await target(bert, BERT, { vocab_size: 40, num_labels: 2, hidden_size: 32 });
    expect(raw).toMatchObject({ vocab_size: 40, hidden_size: 32 });
  });
});

it.each([{ toString: "" }, ["bert"], 7, null])("another model_type is told: %j", async (type) => {
  const error = await failure(target(bert, BERT, { model_type: type }));
  expect(error.code).toBe("plan/architectures-differ");
  expect(error.actual).toBe(JSON.stringify(type));
});

describe("counts that no model has", () => {
  it.each([
    [bert, BERT, { num_hidden_layers: 1e9 }, /num_hidden_layers is 1000000000/u],
    [gpt2, GPT2, { n_layer: 1025 }, /n_layer is 1025, more than the 1024 layers/u],
    [cait, CAIT, { depth_token_only: 1e9 }, /depth_token_only is 1000000000/u],
    [bert, BERT, { hidden_size: 2e9 }, /hidden_size is 2000000000, more than the 1048576 units/u],
    [bert, BERT, { intermediate_size: 2 ** 31 - 1 }, /intermediate_size is 2147483647, more than/u],
    [bert, BERT, { vocab_size: 2 ** 31 - 1 }, /vocab_size is 2147483647, more than .* rows/u],
    [
      bert,
      BERT,
      { hidden_size: 2 ** 20, intermediate_size: 2 ** 20, num_hidden_layers: 9 },
      /parameters.*hidden_size, 1048576/u,
    ],
    [bert, BERT, { num_hidden_layers: 2 ** 32 }, /num_hidden_layers: /u],
  ] as const)("are refused at once: %#", async (architecture, config, to, message) => {
    expect((await failure(target(architecture, config, to))).message).toMatch(message);
    expect(() => describeModel(architecture, { ...config, ...to }, "config.json")).toThrow(
      expect.objectContaining({
        code: expect.stringMatching(/^config\/(?:too-large|invalid)$/u) as string,
      }),
    );
  });
});

it("lets the deepest networks of research be", async () => {
  const { layout } = await target(bert, BERT, { num_hidden_layers: 1000 });
  expect(Object.values(layout.stacks).map(({ layers }) => layers)).toEqual([1000]);
});

describe("a whole config", () => {
  it("may have keys that every object of JavaScript has", async () => {
    const { told } = await target(bert, BERT, { ...BERT, hidden_size: 32, toString: 24 });
    expect(told).toEqual(["toString changes from nothing to 24"]);
  });

  it("is told for what it changes besides sizes", async () => {
    const whole = {
      ...BERT,
      hidden_size: 32,
      num_attention_heads: 4,
      hidden_act: "gelu_new",
      layer_norm_eps: 1e-5,
      hidden_dropout_prob: 0.2,
      torch_dtype: "float16",
      transformers_version: "5.0.0",
    };
    expect((await target(bert, BERT, whole)).told).toEqual([
      'hidden_act changes from "gelu" to "gelu_new"',
      "hidden_dropout_prob changes from 0.1 to 0.2",
      "layer_norm_eps changes from 1e-12 to 0.00001",
    ]);
    expect((await target(bert, BERT, { ...BERT, hidden_size: 32 })).told).toEqual([]);
    expect((await target(bert, BERT, { hidden_act: "gelu_new" })).told).toEqual([]);
  });

  it("leaves the labels their names, and says so", async () => {
    const names = { id2label: { 0: "no", 1: "yes" }, label2id: { no: 0, yes: 1 } };
    const others = { id2label: { 0: "cat", 1: "dog" }, label2id: { cat: 0, dog: 1 } };
    const source = { ...BERT, ...names };
    const { raw, told } = await target(bert, source, { ...BERT, ...others, hidden_size: 32 });
    expect(raw).toMatchObject({ ...names, hidden_size: 32 });
    expect(told).toEqual([
      "id2label stays the source's, as the weights were trained for it",
      "label2id stays the source's, as the weights were trained for it",
    ]);
    expect((await target(bert, BERT, { ...BERT, ...others })).raw).not.toHaveProperty("id2label");
    const three = { ...BERT, id2label: { 0: "a", 1: "b", 2: "c" } };
    expect(await failure(target(bert, source, three))).toMatchObject({
      code: "plan/fixed-size",
      message: expect.stringContaining("id2label") as string,
    });
    expect((await failure(target(bert, source, { id2label: others.id2label }))).code).toBe(
      "plan/labels-differ",
    );
  });
});

it("takes files with a byte order mark, and says where they are no JSON", async () => {
  const file = join(temporaryFolder(), "to.json");
  writeFileSync(file, '\uFEFF{"num_hidden_layers": 3, "hidden_dropout_prob": 0.10}');
  expect((await target(bert, BERT, file)).raw).toMatchObject({ num_hidden_layers: 3 });
  writeFileSync(file, '{"num_hidden_layers": 3,}');
  expect(await failure(target(bert, BERT, file))).toMatchObject({
    code: "sdk/target-not-json",
    file,
    message: expect.stringContaining("line 1") as string,
  });
  for (const deep of [`{"a": ${"[".repeat(2e5)}${"]".repeat(2e5)}}`]) {
    expect((await failure(target(bert, BERT, deep))).message).toContain("nested deeper than");
  }
});
