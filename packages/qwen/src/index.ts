import { defineArchitecture, type Architecture, type StandardSchemaV1 } from "@ligo/core";
import { ofClass, type DecoderClass } from "@ligo/core/layout";
import type { ModelFactory } from "@ligo/nn";
import { qwen2Config, qwen3Config, type QwenConfig } from "./config.js";
import { qwenLayout } from "./layout.js";

function member(
  modelType: string,
  prefix: string,
  config: StandardSchemaV1<unknown, QwenConfig>,
): Architecture<QwenConfig> {
  const classes: Readonly<Record<string, DecoderClass>> = {
    [`${prefix}ForCausalLM`]: "causal-lm",
    [`${prefix}ForSequenceClassification`]: "classifier",
    [`${prefix}Model`]: "bare",
  };
  return defineArchitecture({
    specVersion: "v1",
    modelTypes: [modelType],
    architectures: Object.keys(classes),
    config,
    // rotary embeddings and kinds of layers show in the layout
    functionKeys: [
      "hidden_act",
      "rms_norm_eps",
      "sliding_window",
      "tie_word_embeddings",
      // the classifier reads the last token before the padding
      "pad_token_id",
    ],
    follows: { num_key_value_heads: "num_attention_heads" },
    perLayer: { layer_types: "num_hidden_layers" },
    normEpsilon: "rms_norm_eps",
    layout: (one, className) => qwenLayout(one, className, ofClass(classes, className)),
    model: async (): Promise<ModelFactory<QwenConfig>> => {
      const { qwenModel } = await import("./model.js");
      return (one, className) => qwenModel(one, ofClass(classes, className));
    },
  });
}

/** Qwen2 and 2.5 (Yang et al., 2024) as Hugging Face saves them: language model tied and untied, classifier, bare model. */
export const qwen2: Architecture<QwenConfig> = member("qwen2", "Qwen2", qwen2Config);

/** Qwen3 (Yang et al., 2025), whose heads have norms. */
export const qwen3: Architecture<QwenConfig> = member("qwen3", "Qwen3", qwen3Config);

export type { QwenConfig };
