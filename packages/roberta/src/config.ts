import { ACTIVATION_NAMES, dropoutRate, headsDivide, type ActivationName } from "@ligo/core";
import * as z from "@ligo/core/zod";

/** What LiGO reads of a RoBERTa `config.json`, Hugging Face's defaults filled in; every other key is kept as it is. */
export interface RobertaConfig {
  readonly [key: string]: unknown;
  readonly model_type: "roberta";
  readonly architectures?: readonly string[] | null | undefined;
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly intermediate_size: number;
  readonly hidden_act: ActivationName;
  readonly hidden_dropout_prob: number;
  readonly attention_probs_dropout_prob: number;
  /** Of a classifier's head. Default `hidden_dropout_prob`. */
  readonly classifier_dropout?: number | null | undefined;
  /** Rows of the position table: the longest sequence, and `pad_token_id` + 1 rows before it. */
  readonly max_position_embeddings: number;
  readonly type_vocab_size: number;
  readonly pad_token_id: number;
  readonly initializer_range: number;
  readonly layer_norm_eps: number;
  readonly tie_word_embeddings: boolean;
  readonly id2label?: Readonly<Record<string, string>> | undefined;
  readonly num_labels?: number | undefined;
}

const size = z.number().int().positive();

/** The schema of a RoBERTa `config.json`. */
export const robertaConfig: z.ZodType<RobertaConfig> = z
  .looseObject({
    model_type: z.literal("roberta"),
    architectures: z.array(z.string()).nullish(),
    vocab_size: size.default(50265),
    hidden_size: size.default(768),
    num_hidden_layers: size.default(12),
    num_attention_heads: size.default(12),
    intermediate_size: size.default(3072),
    hidden_act: z.enum(ACTIVATION_NAMES).default("gelu"),
    hidden_dropout_prob: dropoutRate.default(0.1),
    attention_probs_dropout_prob: dropoutRate.default(0.1),
    classifier_dropout: dropoutRate.nullish(),
    max_position_embeddings: size.default(512),
    type_vocab_size: size.default(2),
    pad_token_id: z.number().int().nonnegative().default(1),
    initializer_range: z.number().positive().default(0.02),
    layer_norm_eps: z.number().positive().default(1e-12),
    position_embedding_type: z
      .literal("absolute", "LiGO grows RoBERTa with absolute positions only")
      .optional(),
    is_decoder: z.literal(false, "LiGO grows RoBERTa encoders only").optional(),
    add_cross_attention: z.literal(false, "LiGO grows RoBERTa encoders only").optional(),
    tie_word_embeddings: z.boolean().default(true),
    id2label: z.record(z.string(), z.string()).optional(),
    num_labels: size.optional(),
  })
  .superRefine(headsDivide("hidden_size", "num_attention_heads"))
  .refine((config) => longestSequence(config) > 0, {
    error:
      "max_position_embeddings counts pad_token_id + 1 rows before the first position, so it must be larger than that",
    path: ["max_position_embeddings"],
  });

/** The longest sequence a RoBERTa takes: positions count from `pad_token_id` + 1. */
export function longestSequence(
  config: Pick<RobertaConfig, "max_position_embeddings" | "pad_token_id">,
): number {
  return config.max_position_embeddings - config.pad_token_id - 1;
}
