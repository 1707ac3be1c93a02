import type { StandardSchemaV1 } from "@ligo/core";
import {
  ACTIVATION_NAMES,
  checkLayerTypes,
  headsDivide,
  isRotaryType,
  rotaryOfTypes,
  type ActivationName,
  type LabelFields,
  type LayerType,
  type LayerTypeFields,
  type RotaryFields,
  type RotaryOptions,
} from "@ligo/core/layout";
import * as z from "@ligo/core/zod";

/** Keys of a ModernBERT `config.json` that LiGO reads, Hugging Face's defaults filled in; every other key is kept as it is. */
export interface ModernBertConfig extends LabelFields, LayerTypeFields, RotaryFields {
  readonly [key: string]: unknown;
  readonly model_type: "modernbert";
  readonly architectures?: readonly string[] | null | undefined;
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly num_attention_heads: number;
  readonly intermediate_size: number;
  readonly hidden_activation: ActivationName;
  /** The longest sequence. */
  readonly max_position_embeddings: number;
  readonly norm_eps: number;
  readonly norm_bias: boolean;
  readonly attention_bias: boolean;
  readonly mlp_bias: boolean;
  readonly initializer_range: number;
  /** Dropout rates: of the attention weights and of what attention adds, of the embeddings, within the MLP, of a classifier. */
  readonly attention_dropout: number;
  readonly embedding_dropout: number;
  readonly mlp_dropout: number;
  readonly classifier_dropout: number;
  /** Positions that layers with a window see, half of them on either side. */
  readonly local_attention: number;
  /** Where `layer_types` are not listed, each so-manieth layer attends to all positions, the first among them. */
  readonly global_attn_every_n_layers: number;
  /** Bases of the rotary embeddings, as transformers 4 writes them. */
  readonly global_rope_theta: number;
  readonly local_rope_theta: number;
  /** What a classifier reads: the first token, or the mean of all. */
  readonly classifier_pooling: "cls" | "mean";
  readonly classifier_bias: boolean;
  readonly classifier_activation: ActivationName;
  readonly decoder_bias: boolean;
  readonly tie_word_embeddings: boolean;
}

/** The type of every layer. */
export function typesOf(config: ModernBertConfig): readonly LayerType[] {
  const { global_attn_every_n_layers: period, layer_types: given } = config;
  if (given) return given;
  return Array.from({ length: config.num_hidden_layers }, (_, layer) =>
    layer % period === 0 ? "full_attention" : "sliding_attention",
  );
}

/** The rotary embeddings of each type of layer. */
export function rotaryOf(config: ModernBertConfig): Readonly<Record<LayerType, RotaryOptions>> {
  return rotaryOfTypes(config, config.hidden_size / config.num_attention_heads, {
    bases: {
      full_attention: config.global_rope_theta,
      sliding_attention: config.local_rope_theta,
    },
    scaled: ["full_attention", "sliding_attention"],
  });
}

const rotary = z.keys.nullish();

/** The schema of a ModernBERT `config.json`. */
export const modernBertConfig: StandardSchemaV1<unknown, ModernBertConfig> = z
  .looseObject({
    model_type: z.literal("modernbert"),
    architectures: z.classNames,
    vocab_size: z.size.default(50368),
    hidden_size: z.size.default(768),
    num_hidden_layers: z.size.default(22),
    num_attention_heads: z.size.default(12),
    intermediate_size: z.size.default(1152),
    hidden_activation: z.enum(ACTIVATION_NAMES).default("gelu"),
    max_position_embeddings: z.size.default(8192),
    norm_eps: z.number().positive().default(1e-5),
    norm_bias: z.boolean().default(false),
    attention_bias: z.boolean().default(false),
    mlp_bias: z.boolean().default(false),
    initializer_range: z.number().positive().default(0.02),
    attention_dropout: z.dropoutRate.default(0),
    embedding_dropout: z.dropoutRate.default(0),
    mlp_dropout: z.dropoutRate.default(0),
    classifier_dropout: z.dropoutRate.default(0),
    local_attention: z.size.default(128),
    global_attn_every_n_layers: z.size.default(3),
    layer_types: z.layerTypes,
    global_rope_theta: z.number().positive().default(160_000),
    local_rope_theta: z.number().positive().default(10_000),
    rope_scaling: rotary,
    rope_parameters: rotary,
    classifier_pooling: z.enum(["cls", "mean"]).default("cls"),
    classifier_bias: z.boolean().default(false),
    classifier_activation: z.enum(ACTIVATION_NAMES).default("gelu"),
    decoder_bias: z.boolean().default(true),
    tie_word_embeddings: z.ties,
    id2label: z.labelNames,
    num_labels: z.size.optional(),
  })
  .superRefine(headsDivide("hidden_size", "num_attention_heads"))
  .superRefine(checkLayerTypes)
  .refine((config) => (config.hidden_size / config.num_attention_heads) % 2 === 0, {
    error:
      "rotary embeddings turn channels of a head in pairs: hidden_size / num_attention_heads must be even",
    path: ["hidden_size"],
  })
  .refine(isRotaryType, {
    error: "LiGO knows the rotary embeddings default, linear, dynamic, llama3 and yarn only",
    path: ["rope_parameters"],
  });
