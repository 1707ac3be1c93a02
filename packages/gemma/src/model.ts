import { rotaryFrequencies, type DecoderClass } from "@ligo/core/layout";
import { activate, decoder, type Model } from "@ligo/nn";
import { rotaryOf, typesOf, type GemmaConfig } from "./config.js";
import { embeddingScale, gemmaNames, scoreScale } from "./layout.js";

/** The forward pass of Gemma 2 and 3. */
export function gemmaModel(config: GemmaConfig, kind: DecoderClass): Model {
  const names = gemmaNames(config);
  const types = typesOf(config);
  const rotary = rotaryOf(config);
  const speeds = {
    full_attention: rotaryFrequencies(rotary.full_attention),
    sliding_attention: rotaryFrequencies(rotary.sliding_attention),
  };
  const { bare, causalLm, classifier } = decoder({
    names: { ...names, head: config.tie_word_embeddings ? names.embedding : names.head },
    layers: config.num_hidden_layers,
    vocabulary: config.vocab_size,
    positions: config.max_position_embeddings,
    heads: config.num_attention_heads,
    keyValueHeads: config.num_key_value_heads,
    norm: { epsilon: config.rms_norm_eps, offset: 1 },
    activation: (x) => activate(x, config.hidden_activation),
    rotary: (layer) => speeds[types[layer] ?? "full_attention"],
    window: (layer) =>
      types[layer] === "sliding_attention" ? (config.sliding_window ?? undefined) : undefined,
    scale: scoreScale(config),
    scoreCap: config.attn_logit_softcapping ?? undefined,
    // a classifier's logits are as they are
    logitCap: config.final_logit_softcapping ?? undefined,
    embeddingScale: embeddingScale(config),
    attentionDropout: config.attention_dropout,
    padding: config.pad_token_id ?? undefined,
  });
  const models = { "causal-lm": causalLm, classifier: () => classifier(config), bare };
  return models[kind]();
}
