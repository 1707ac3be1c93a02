import { defineArchitecture, type Architecture } from "@ligo/core";
import type { ModelFactory } from "@ligo/nn";
import { gpt2Config, type Gpt2Config } from "./config.js";
import { GPT2_CLASSES, gpt2Layout } from "./layout.js";

/** GPT-2 (Radford et al., 2019) as Hugging Face saves it: language model tied and untied, classifier, bare model. */
export const gpt2: Architecture<Gpt2Config> = defineArchitecture({
  specVersion: "v1",
  modelTypes: ["gpt2"],
  architectures: GPT2_CLASSES,
  config: gpt2Config,
  functionKeys: [
    "activation_function",
    "layer_norm_epsilon",
    "tie_word_embeddings",
    // the classifier reads the last token before the padding
    "pad_token_id",
    "scale_attn_weights",
    "scale_attn_by_inverse_layer_idx",
  ],
  // transformers' attribute_map
  aliases: {
    hidden_size: "n_embd",
    max_position_embeddings: "n_positions",
    num_attention_heads: "n_head",
    num_hidden_layers: "n_layer",
  },
  normEpsilon: "layer_norm_epsilon",
  layout: gpt2Layout,
  model: async (): Promise<ModelFactory<Gpt2Config>> => (await import("./model.js")).gpt2Model,
});

export type { Gpt2Config };
