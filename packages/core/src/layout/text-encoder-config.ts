import type { StandardSchemaV1 } from "../standard-schema.js";
import * as z from "../zod.js";
import { ACTIVATION_NAMES, headsDivide, type EncoderConfig } from "./config-fields.js";

/** Keys of the `config.json` of a BERT or RoBERTa that LiGO reads; every other key is kept as it is. */
export interface TextEncoderConfig extends EncoderConfig {
  readonly vocab_size: number;
  /** Dropout rate of a classifier's head. Default `hidden_dropout_prob`. */
  readonly classifier_dropout?: number | null | undefined;
  /** Rows of the position table: the longest sequence, and the rows before its first position. */
  readonly max_position_embeddings: number;
  readonly type_vocab_size: number;
  /** Token whose embedding learns nothing. */
  readonly pad_token_id?: number | null | undefined;
  readonly tie_word_embeddings: boolean;
  /** False for a bare model saved without its pooler; not a key of Hugging Face, which makes a new pooler then. */
  readonly add_pooling_layer?: boolean | undefined;
}

/** Row of the first position: 0, or `pad_token_id` + 1 (RoBERTa, which counts positions from padding on). */
export type FirstPosition = "zero" | "after-padding";

/** Differences between the configs of the family's members. */
export interface TextEncoderConfigOptions {
  /** The original's name, for messages: `RoBERTa`. */
  readonly name: string;
  /** Default of `vocab_size`, in tokens. */
  readonly vocabulary: number;
  /** Default `zero`. */
  readonly firstPosition?: FirstPosition;
}

/** The schema of a BERT or RoBERTa `config.json`, with Hugging Face's defaults. Decoders and relative positions are refused. */
export function textEncoderConfig(
  modelType: string,
  options: TextEncoderConfigOptions,
): StandardSchemaV1<unknown, TextEncoderConfig> {
  const { name, vocabulary, firstPosition = "zero" } = options;
  const encoder = z.literal(false, `LiGO grows ${name} encoders only`).nullish();
  const token = z.number().int();
  return z
    .looseObject({
      model_type: z.literal(modelType),
      architectures: z.classNames,
      vocab_size: z.size.default(vocabulary),
      hidden_size: z.size.default(768),
      num_hidden_layers: z.size.default(12),
      num_attention_heads: z.size.default(12),
      intermediate_size: z.size.default(3072),
      hidden_act: z.enum(ACTIVATION_NAMES).default("gelu"),
      hidden_dropout_prob: z.dropoutRate.default(0.1),
      attention_probs_dropout_prob: z.dropoutRate.default(0.1),
      classifier_dropout: z.dropoutRate.nullish(),
      max_position_embeddings: z.size.default(512),
      type_vocab_size: z.size.default(2),
      pad_token_id: firstPosition === "zero" ? token.nullish() : token.nonnegative().default(1),
      initializer_range: z.number().positive().default(0.02),
      layer_norm_eps: z.number().positive().default(1e-12),
      position_embedding_type: z
        .literal("absolute", `LiGO grows ${name} with absolute positions only`)
        .optional(),
      is_decoder: encoder,
      add_cross_attention: encoder,
      tie_word_embeddings: z.ties,
      id2label: z.labelNames,
      num_labels: z.size.nullish(),
      add_pooling_layer: z.boolean().optional(),
    })
    .superRefine(headsDivide("hidden_size", "num_attention_heads"))
    .refine((config) => textPositions(config, firstPosition) > 0, {
      error:
        "max_position_embeddings counts pad_token_id + 1 rows before the first position, so it must be larger than that",
      path: ["max_position_embeddings"],
    });
}

/** The longest sequence, in tokens: rows of the position table from the first position on. */
export function textPositions(
  config: Pick<TextEncoderConfig, "max_position_embeddings" | "pad_token_id">,
  firstPosition: FirstPosition = "zero",
): number {
  const before = firstPosition === "zero" ? 0 : (config.pad_token_id ?? 0) + 1;
  return config.max_position_embeddings - before;
}
