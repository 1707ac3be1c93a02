import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cait } from "@ligo/cait";
import { parseJson, writeCheckpoint } from "@ligo/checkpoint";
import { checkConfig, type Architecture, type RawConfig } from "@ligo/core";
import { writtenTensors } from "@ligo/core/layout";
import { dinov2 } from "@ligo/dinov2";
import { gpt2 } from "@ligo/gpt2";
import { roberta } from "@ligo/roberta";
import { initialWeights } from "@ligo/train";
import { vit } from "@ligo/vit";
import { failure, temporaryFolder } from "@ligo/vitest/files";
import { describe, expect, it } from "vitest";
import { forward } from "../forward.js";
import { grow } from "../grow.js";
import type { GrownModel } from "./grown-model.js";

const engine = "reference";
const TINY = {
  hidden_size: 16,
  num_attention_heads: 2,
  num_hidden_layers: 1,
  intermediate_size: 32,
  initializer_range: 0.3,
};

/** Writes a random checkpoint of an architecture; returns its folder. */
async function written(architecture: Architecture, raw: RawConfig): Promise<string> {
  const folder = join(temporaryFolder(), "small");
  mkdirSync(folder);
  const className = String((raw["architectures"] as readonly unknown[])[0]);
  const layout = architecture.layout(checkConfig(architecture, raw), className);
  const weights = initialWeights(layout, { seed: 3, deviation: 0.3 });
  await writeCheckpoint(folder, {
    config: raw,
    dtype: "F32",
    tensors: writtenTensors(layout).map(({ name, shape, source }) => ({
      name,
      shape,
      data: () => weights.get(source) ?? new Float32Array(0),
    })),
  });
  return folder;
}

const tableOf = (model: Pick<GrownModel, "tensors">, name: string): readonly number[] =>
  Array.from(model.tensors.get(name)?.data ?? [], Number);

describe("larger images", () => {
  const VIT = {
    ...TINY,
    model_type: "vit",
    architectures: ["ViTForImageClassification"],
    image_size: 8,
    patch_size: 4,
  };
  const name = "vit.embeddings.position_embeddings";

  it("have positions between those of the source, behind the class token's", async () => {
    const small = await written(vit, VIT);
    const processor = {
      image_processor_type: "ViTImageProcessor",
      size: { height: 8, width: 8 },
      crop_size: 8,
      do_resize: true,
    };
    writeFileSync(join(small, "preprocessor_config.json"), JSON.stringify(processor));
    const settings = { method: "lemon", engine, architectures: [vit] } as const;
    const out = join(temporaryFolder(), "grown");
    const grown = await grow(small, { ...settings, to: { image_size: [8, 16] }, out });
    expect(grown.rows).toEqual([
      { space: "position", of: "patches", from: 5, to: 9, start: "interpolate", added: 4 },
    ]);
    expect(grown.keepsFunction).toBe(false);
    expect(grown.reasons).toEqual(["positions are interpolated to 2 x 4 patches"]);
    const plain = await grow(small, { ...settings, to: {} });
    const [table, old] = [tableOf(grown, name), tableOf(plain, name)];
    expect(table.slice(0, 16)).toEqual(old.slice(0, 16));
    expect(table).toHaveLength(9 * 16);
    expect(parseJson(readFileSync(join(out, "preprocessor_config.json")))).toEqual({
      ...processor,
      size: { height: 8, width: 16 },
      crop_size: { height: 8, width: 16 },
    });
    const inputs = {
      pixel_values: { shape: [1, 3, 8, 16], data: Array.from({ length: 384 }, () => 0.5) },
    };
    const { outputs } = await forward(out, { inputs, engine, architectures: [vit] });
    expect(outputs.get("logits")?.shape).toEqual([1, 2]);
  });

  it("are not copied, and have no side that shrinks", async () => {
    const small = await written(vit, VIT);
    const settings = { method: "lemon", engine, architectures: [vit] } as const;
    const copied = { ...settings, to: { image_size: 16 }, newPositions: "copy" } as const;
    expect((await failure(grow(small, copied))).code).toBe("sdk/copied-patches");
    for (const image_size of [
      [4, 16],
      [4, 32],
    ] as const) {
      const error = await failure(grow(small, { ...settings, to: { image_size } }));
      expect(error.code).toBe("plan/smaller-target");
      expect(error.message).toContain("2 x 2");
    }
  });

  it("are larger for every family", async () => {
    const cases = [
      [
        cait,
        {
          model_type: "cait",
          architectures: ["Cait"],
          embed_dim: 16,
          num_heads: 2,
          depth: 1,
          img_size: 8,
          patch_size: 4,
          num_classes: 3,
        },
        "img_size",
        "pos_embed",
        0,
      ],
      [
        dinov2,
        {
          ...TINY,
          model_type: "dinov2",
          architectures: ["Dinov2Model"],
          image_size: 8,
          patch_size: 4,
        },
        "image_size",
        "embeddings.position_embeddings",
        1,
      ],
    ] as const;
    for (const [architecture, raw, key, positions, tokens] of cases) {
      const small = await written(architecture, raw);
      const settings = { method: "lemon", engine, architectures: [architecture] } as const;
      const grown = await grow(small, { ...settings, to: { [key]: 16 } });
      expect(grown.tensors.get(positions)?.shape, positions).toEqual([1, tokens + 16, 16]);
    }
  });
});

describe("longer texts", () => {
  it("leave the row of padding, and the rows before it, where they are", async () => {
    const small = await written(roberta, {
      ...TINY,
      model_type: "roberta",
      architectures: ["RobertaForMaskedLM"],
      vocab_size: 20,
      max_position_embeddings: 10,
    });
    writeFileSync(join(small, "tokenizer_config.json"), JSON.stringify({ model_max_length: 8 }));
    writeFileSync(join(small, "tokenizer.json"), "{}");
    const settings = { method: "lemon", engine, architectures: [roberta] } as const;
    const out = join(temporaryFolder(), "grown");
    const grown = await grow(small, { ...settings, to: { max_position_embeddings: 20 }, out });
    const positions = "roberta.embeddings.position_embeddings.weight";
    const table = tableOf(grown, positions);
    const row = (index: number): readonly number[] => table.slice(16 * index, 16 * (index + 1));
    for (let index = 10; index < 20; index++)
      expect(row(index)).toEqual(row(2 + ((index - 2) % 8)));
    const config = parseJson(readFileSync(join(out, "tokenizer_config.json")));
    expect(config).toEqual({ model_max_length: 18 });
  });

  it("are written for GPT-2 under the name that its config has", async () => {
    const small = await written(gpt2, {
      model_type: "gpt2",
      architectures: ["GPT2LMHeadModel"],
      n_embd: 16,
      n_head: 2,
      n_layer: 1,
      n_positions: 8,
      vocab_size: 20,
    });
    const settings = { method: "lemon", engine, architectures: [gpt2] } as const;
    const to = { n_positions: 16, vocab_size: 30 };
    const grown = await grow(small, { ...settings, to });
    expect(grown.config).toMatchObject(to);
    expect(grown.rows.map(({ of }) => of).toSorted()).toEqual(["positions", "tokens"]);
    expect(grown.keepsFunction).toBe(true);
  });
});
