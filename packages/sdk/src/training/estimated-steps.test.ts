import { bert } from "@ligo/bert";
import { estimateFlops, type Architecture } from "@ligo/core";
import { deit } from "@ligo/deit";
import { createOnnxEngine, type TensorSpecs } from "@ligo/engine";
import { gpt2 } from "@ligo/gpt2";
import { llama } from "@ligo/llama";
import { modernBert } from "@ligo/modernbert";
import { createModel, type Objective } from "@ligo/nn";
import { createTrainer, initialWeights } from "@ligo/train";
import { describe, expect, it } from "vitest";
import { describeModel } from "../models/model-spec.js";

const BATCH = 4;
const SEQUENCE = 32;
const LABELLED = 16;
const sizes = {
  hidden_size: 64,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  intermediate_size: 192,
};
const text = { ...sizes, vocab_size: 300, max_position_embeddings: SEQUENCE };
const words: TensorSpecs = { input_ids: { shape: [BATCH, SEQUENCE], dtype: "int32" } };
const followed: TensorSpecs = { ...words, labels: { shape: [BATCH, SEQUENCE], dtype: "int32" } };
const masked: TensorSpecs = {
  ...words,
  label_positions: { shape: [LABELLED], dtype: "int32" },
  label_ids: { shape: [LABELLED], dtype: "int32" },
};
const images: TensorSpecs = {
  pixel_values: { shape: [BATCH, 3, 32, 32], dtype: "float32" },
  labels: { shape: [BATCH], dtype: "int32" },
};

interface Case {
  readonly architecture: Architecture;
  readonly config: Readonly<Record<string, unknown>>;
  readonly batch: TensorSpecs;
  readonly positions: number;
  readonly labelledFraction: number;
}

const ofWords = { positions: SEQUENCE, labelledFraction: 1, batch: followed };
const ofMasks = { ...ofWords, labelledFraction: LABELLED / (BATCH * SEQUENCE), batch: masked };
const cases: readonly Case[] = [
  {
    ...ofMasks,
    architecture: bert,
    config: { ...text, model_type: "bert", architectures: ["BertForMaskedLM"] },
  },
  {
    ...ofMasks,
    architecture: modernBert,
    config: { ...text, model_type: "modernbert", architectures: ["ModernBertForMaskedLM"] },
  },
  {
    ...ofWords,
    architecture: gpt2,
    config: {
      model_type: "gpt2",
      architectures: ["GPT2LMHeadModel"],
      n_embd: 64,
      n_layer: 3,
      n_head: 4,
      vocab_size: 300,
      n_positions: SEQUENCE,
    },
  },
  {
    ...ofWords,
    architecture: llama,
    config: {
      ...text,
      model_type: "llama",
      architectures: ["LlamaForCausalLM"],
      num_key_value_heads: 2,
    },
  },
  {
    architecture: deit,
    config: {
      ...sizes,
      model_type: "deit",
      architectures: ["DeiTForImageClassification"],
      image_size: 32,
      patch_size: 4,
      num_labels: 5,
    },
    batch: images,
    // 64 patches, the class token and that of distillation
    positions: 66,
    labelledFraction: 1,
  },
];

describe("the estimate of a training step", () => {
  it.each(cases)(
    "is what the compiled step multiplies: $config.model_type",
    async ({ architecture, batch, config, labelledFraction, positions }) => {
      const { className, config: read, layout } = describeModel(architecture, config, "config");
      const { objectives } = await createModel(architecture, read, className);
      const trainer = await createTrainer(createOnnxEngine(), {
        layout,
        objective: Object.values(objectives)[0] as Objective,
        batch,
        weights: initialWeights(layout, { seed: 1, deviation: 0.02 }),
      });
      const { matrixFlops } = trainer.compiled.info;
      await trainer.compiled.dispose();
      const work = { tokens: BATCH * positions, sequence: positions, labelledFraction };
      const share = estimateFlops(layout, work).training / matrixFlops;
      // sums over rows and the like that run as products are not in the estimate
      expect(share).toBeGreaterThan(0.99);
      expect(share).toBeLessThan(1.01);
    },
  );
});
