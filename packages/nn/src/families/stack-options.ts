import type { Stack } from "@ligo/core";
import type { EncoderConfig, TransformerLayerNames } from "@ligo/core/layout";
import { activate } from "../blocks/activation.js";
import type { TransformerStackOptions } from "../blocks/transformer-layer.js";

/** The layers of an encoder by its config: heads, epsilon, activation and dropout rates. */
export function stackOptions(
  config: EncoderConfig,
  own: {
    readonly names: TransformerLayerNames;
    readonly norm: Stack["norm"];
    readonly wholeTokens: number;
  },
): TransformerStackOptions {
  return {
    ...own,
    layers: config.num_hidden_layers,
    heads: config.num_attention_heads,
    epsilon: config.layer_norm_eps,
    activation: (x) => activate(x, config.hidden_act),
    dropout: {
      attention: config.attention_probs_dropout_prob,
      branch: config.hidden_dropout_prob,
    },
  };
}
