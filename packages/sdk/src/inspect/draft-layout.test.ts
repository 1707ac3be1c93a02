import { bert } from "@ligo/bert";
import { checkConfig, type Axis, type Layout, type Parameter, type RawConfig } from "@ligo/core";
import {
  axis,
  conv1dLayer,
  embeddingTable,
  inStack,
  linearLayer,
  normLayer,
  parameter,
  transformerLayer,
  writtenTensors,
} from "@ligo/core/layout";
import { describe, expect, it } from "vitest";
import recorded from "@ligo/vitest/drafted.json" with { type: "json" };
import { draftLayout, type LayoutDraft } from "./draft-layout.js";

type Shapes = Readonly<Record<string, readonly number[]>>;

const headersOf = (shapes: Shapes): ReadonlyMap<string, { readonly shape: readonly number[] }> =>
  new Map(Object.entries(shapes).map(([name, shape]) => [name, { shape }]));

const text = ({ space, role }: Axis): string => `${String(space)}:${role}`;

/** How many axes a draft gets right, and what it says instead of the others. */
function compare(
  draft: LayoutDraft,
  expected: readonly Pick<Parameter, "name" | "axes" | "tiedTo" | "mirrorOf">[],
): { right: number; of: number; wrong: string[] } {
  const wrong: string[] = [];
  let [right, of] = [0, 0];
  const written = expected.filter(({ tiedTo }) => tiedTo === undefined);
  for (const { name, axes } of written) {
    const drafted = draft.parameters.find((one) => one.name === name);
    for (const [index, one] of axes.entries()) {
      of += 1;
      const found = drafted?.axes[index];
      if (found !== undefined && text(found) === text(one)) right += 1;
      else
        wrong.push(
          `${name} ${index}: ${found === undefined ? "absent" : text(found)}, is ${text(one)}`,
        );
    }
  }
  const names = new Set(written.map(({ name }) => name));
  wrong.push(
    ...draft.parameters.filter(({ name }) => !names.has(name)).map(({ name }) => `${name}: none`),
  );
  return { right, of, wrong };
}

/** What a draft is not sure of. */
const unsure = (draft: LayoutDraft): string[] =>
  draft.parameters.flatMap(({ name, axes }) =>
    axes.flatMap(({ certainty }, index) =>
      certainty === "sure" ? [] : [`${name} ${index}: ${certainty}`],
    ),
  );

/** A BERT of sizes that all differ, as headers and config, and its real layout. */
function bertOf(className: string, tied: boolean): { draft: LayoutDraft; layout: Layout } {
  const raw: RawConfig = {
    model_type: "bert",
    architectures: [className],
    vocab_size: 31,
    hidden_size: 8,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    intermediate_size: 12,
    max_position_embeddings: 9,
    type_vocab_size: 2,
    tie_word_embeddings: tied,
    num_labels: 5,
  };
  const layout = bert.layout(checkConfig(bert, raw), className);
  const shapes = Object.fromEntries(writtenTensors(layout).map(({ name, shape }) => [name, shape]));
  return { draft: draftLayout(raw, headersOf(shapes)), layout };
}

describe("drafting BERT without its package", () => {
  it("gets every axis of a tied masked language model right", () => {
    const { draft, layout } = bertOf("BertForMaskedLM", true);
    expect(compare(draft, layout.parameters)).toEqual({ right: 36, of: 36, wrong: [] });
    expect(draft.stacks).toEqual([
      {
        name: "encoder",
        prefix: "bert.encoder.layer",
        layers: 2,
        norm: "post",
        key: "num_hidden_layers",
      },
    ]);
    expect(unsure(draft)).toEqual(
      ["dense.weight", "dense.bias", "LayerNorm.weight", "LayerNorm.bias"].map(
        (name) => `cls.predictions.transform.${name} 0: guess`,
      ),
    );
  });

  it("gets every axis of an untied one right", () => {
    const { draft, layout } = bertOf("BertForMaskedLM", false);
    expect(compare(draft, layout.parameters)).toEqual({ right: 39, of: 39, wrong: [] });
  });

  it("gets every axis of the pre-training class right", () => {
    const { draft, layout } = bertOf("BertForPreTraining", true);
    expect(compare(draft, layout.parameters)).toEqual({ right: 42, of: 42, wrong: [] });
  });
});

/** GPT-2's layers, as its paper and its checkpoints have them. */
const gpt2: readonly Parameter[] = [
  embeddingTable("transformer.wte.weight", "vocab"),
  embeddingTable("transformer.wpe.weight", "position"),
  ...transformerLayer(
    {
      queryKeyValue: ["transformer.h.{i}.attn.c_attn"],
      attentionOutput: "transformer.h.{i}.attn.c_proj",
      attentionNorm: "transformer.h.{i}.ln_1",
      mlpInput: "transformer.h.{i}.mlp.c_fc",
      mlpOutput: "transformer.h.{i}.mlp.c_proj",
      mlpNorm: "transformer.h.{i}.ln_2",
    },
    { stack: "h", norm: "pre", storage: "in-out" },
  ),
  ...normLayer("transformer.ln_f", "embed"),
];

describe("drafting GPT-2 without its package", () => {
  it("gets every axis right: weights [in, out], a fused layer, positions as many as channels", () => {
    const { config, headers } = recorded.gpt2;
    const draft = draftLayout(config, headersOf(headers));
    expect(compare(draft, gpt2)).toEqual({ right: 22, of: 22, wrong: [] });
    expect(draft.stacks).toMatchObject([{ name: "h", layers: 3, norm: "pre", key: "n_layer" }]);
    expect(draft.open).toEqual([
      expect.stringMatching(/^a readout tied to transformer\.wte\.weight is not in the file/),
    ]);
  });
});

const VIT = "vit.encoder.layer.{i}";
const vit: readonly Parameter[] = [
  parameter("vit.embeddings.cls_token", [
    axis("one", "fixed"),
    axis("one", "fixed"),
    axis("embed", "out"),
  ]),
  parameter("vit.embeddings.position_embeddings", [
    axis("one", "fixed"),
    axis("position", "fixed"),
    axis("embed", "out"),
  ]),
  parameter("vit.embeddings.patch_embeddings.projection.weight", [
    axis("embed", "out"),
    axis("channel", "fixed"),
    axis("patch", "fixed"),
    axis("patch", "fixed"),
  ]),
  parameter("vit.embeddings.patch_embeddings.projection.bias", [axis("embed", "out")]),
  ...transformerLayer(
    {
      queryKeyValue: [
        `${VIT}.attention.attention.query`,
        `${VIT}.attention.attention.key`,
        `${VIT}.attention.attention.value`,
      ],
      attentionOutput: `${VIT}.attention.output.dense`,
      attentionNorm: `${VIT}.layernorm_before`,
      mlpInput: `${VIT}.intermediate.dense`,
      mlpOutput: `${VIT}.output.dense`,
      mlpNorm: `${VIT}.layernorm_after`,
    },
    { stack: "encoder", norm: "pre" },
  ),
  ...normLayer("vit.layernorm", "embed"),
  ...linearLayer("classifier", axis("label", "fixed"), axis("embed", "in")),
];

describe("drafting ViT without its package", () => {
  it("gets every axis right: a convolution of patches, tokens, a classifier", () => {
    const { config, headers } = recorded.vit;
    const draft = draftLayout(config, headersOf(headers));
    expect(compare(draft, vit)).toEqual({ right: 38, of: 38, wrong: [] });
    expect(draft.stacks).toMatchObject([{ name: "encoder", layers: 2, norm: "pre" }]);
    expect(unsure(draft)).toEqual([]);
  });
});

describe("drafting what no rule knows", () => {
  const config = { model_type: "odd", hidden_size: 8, num_hidden_layers: 2, my_rank: 5 };
  const layer = (index: number): Shapes => ({
    [`odd.blocks.${index}.first.weight`]: [5, 8],
    [`odd.blocks.${index}.first.bias`]: [5],
    [`odd.blocks.${index}.second.weight`]: [17, 5],
  });
  const draft = draftLayout(
    config,
    headersOf({ ...layer(0), ...layer(1), "odd.blocks.1.extra": [8] }),
  );

  it("marks every unknown, and lists it", () => {
    expect(draft.stacks).toMatchObject([
      { name: "odd", layers: 2, norm: undefined, key: "num_hidden_layers" },
    ]);
    expect(unsure(draft)).toContain("odd.blocks.{i}.second.weight 0: unknown");
    expect(draft.open).toContain("odd.blocks.{i}.extra: layers 0 lack it");
    expect(draft.open).toContain(
      'stack odd: do its norms stand before the sublayers ("pre") or after the sums ("post")?',
    );
  });
});

describe("two stacks", () => {
  it("says that each needs layer spaces of its own", () => {
    const layers = ["blocks", "blocks_token_only"].flatMap((stack) =>
      [0, 1].map((layer): [string, readonly number[]] => [
        `${stack}.${layer}.mlp.fc1.weight`,
        [12, 8],
      ]),
    );
    const config = { model_type: "m", hidden_size: 8, intermediate_size: 12, num_hidden_layers: 2 };
    const draft = draftLayout(config, headersOf(Object.fromEntries(layers)));
    expect(draft.stacks.map(({ name }) => name)).toEqual(["blocks", "blocks_token_only"]);
    expect(draft.open).toContain(
      "space mlp: the stacks blocks and blocks_token_only use it, and each needs one of its own",
    );
  });
});

describe("buffers and fellows", () => {
  it("sets masks and position ids apart", () => {
    const { config, headers } = recorded.gpt2;
    const file = headersOf({
      ...headers,
      "transformer.h.0.attn.bias": [1, 1, 32, 32],
      "transformer.h.0.attn.masked_bias": [],
    });
    const draft = draftLayout(config, file);
    expect(draft.buffers).toEqual([
      "transformer.h.0.attn.bias",
      "transformer.h.0.attn.masked_bias",
    ]);
    expect(compare(draft, gpt2).wrong).toEqual([]);
  });

  it("reads Conv1D and Linear alike", () => {
    const out = [axis("mlp", "out"), axis("embed", "in")] as const;
    const shapes = {
      "m.h.0.fc.weight": [8, 12],
      "m.h.0.fc.bias": [12],
      "m.h.1.fc.weight": [8, 12],
      "m.h.1.fc.bias": [12],
    };
    const draft = draftLayout(
      { model_type: "m", hidden_size: 8, intermediate_size: 12, num_hidden_layers: 2 },
      headersOf(shapes),
    );
    const expected = inStack("h", conv1dLayer("m.h.{i}.fc", ...out));
    expect(compare(draft, expected)).toEqual({ right: 3, of: 3, wrong: [] });
  });
});
