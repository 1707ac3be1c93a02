import { decoderNames, rotaryFrequencies, rotaryOptions } from "@ligo/core/layout";
import { activate, decoder, type Model } from "@ligo/nn";
import type { LlamaConfig } from "./config.js";
import { readoutOf } from "./layout.js";

/** The forward pass of Llama and Mistral. */
export function llamaModel(config: LlamaConfig, className: string): Model {
  const speeds = rotaryFrequencies(rotaryOptions(config, config.head_dim));
  const { bare, causalLm, classifier } = decoder({
    names: {
      ...decoderNames,
      head: config.tie_word_embeddings ? decoderNames.embedding : decoderNames.head,
    },
    layers: config.num_hidden_layers,
    vocabulary: config.vocab_size,
    positions: config.max_position_embeddings,
    heads: config.num_attention_heads,
    keyValueHeads: config.num_key_value_heads,
    norm: { epsilon: config.rms_norm_eps },
    activation: (x) => activate(x, config.hidden_act),
    rotary: () => speeds,
    window: () => config.sliding_window ?? undefined,
    scale: 1 / Math.sqrt(config.head_dim),
    attentionDropout: config.attention_dropout,
    padding: config.pad_token_id ?? undefined,
  });
  const models = {
    "causal-lm": causalLm,
    classifier: () => classifier(config),
    bare,
  };
  return models[readoutOf(className)]();
}
