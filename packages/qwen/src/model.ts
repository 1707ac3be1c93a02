import { rotaryFrequencies, rotaryOptions, type DecoderClass } from "@ligo/core/layout";
import { activate, decoder, type Model } from "@ligo/nn";
import { typesOf, type QwenConfig } from "./config.js";
import { qwenNames } from "./layout.js";

/** The forward pass of Qwen2 and Qwen3. */
export function qwenModel(config: QwenConfig, kind: DecoderClass): Model {
  const names = qwenNames(config);
  const types = typesOf(config);
  const speeds = rotaryFrequencies(rotaryOptions(config, config.head_dim));
  const { bare, causalLm, classifier } = decoder({
    names: { ...names, head: config.tie_word_embeddings ? names.embedding : names.head },
    layers: config.num_hidden_layers,
    vocabulary: config.vocab_size,
    positions: config.max_position_embeddings,
    heads: config.num_attention_heads,
    keyValueHeads: config.num_key_value_heads,
    norm: { epsilon: config.rms_norm_eps },
    activation: (x) => activate(x, config.hidden_act),
    rotary: () => speeds,
    window: (layer) =>
      types[layer] === "sliding_attention" ? (config.sliding_window ?? undefined) : undefined,
    scale: 1 / Math.sqrt(config.head_dim),
    attentionDropout: config.attention_dropout,
    padding: config.pad_token_id ?? undefined,
  });
  const models = { "causal-lm": causalLm, classifier: () => classifier(config), bare };
  return models[kind]();
}
