import type { Layout } from "@ligo/core";
import {
  decoderLayout,
  decoderNames,
  type DecoderClass,
  type DecoderNames,
} from "@ligo/core/layout";
import { typesOf, type QwenConfig } from "./config.js";

const ATTENTION = "model.layers.{i}.self_attn";

/** The names of a config's parts: Qwen3 has norms of every head's queries and keys. */
export function qwenNames({ model_type: type }: QwenConfig): DecoderNames {
  if (type === "qwen2") return decoderNames;
  const norms = { queryNorm: `${ATTENTION}.q_norm`, keyNorm: `${ATTENTION}.k_norm` };
  return { ...decoderNames, layer: { ...decoderNames.layer, ...norms } };
}

/** The layout of a checkpoint of Qwen2, whose queries, keys and values always have biases, or Qwen3. */
export function qwenLayout(config: QwenConfig, className: string, kind: DecoderClass): Layout {
  const isSecond = config.model_type === "qwen2";
  return decoderLayout(config, className, kind, {
    names: qwenNames(config),
    kinds: typesOf(config),
    ...(isSecond ? { biases: [true, config.attention_bias] as const } : {}),
  });
}
