import type { StandardSchemaV1 } from "@ligo/core";
import { ACTIVATION_NAMES, headsDivide, type ActivationName } from "@ligo/core/layout";
import * as z from "@ligo/core/zod";

/** Keys of a GPT-2 `config.json` that LiGO reads, Hugging Face's defaults filled in; every other key is kept as it is. */
export interface Gpt2Config {
  readonly [key: string]: unknown;
  readonly model_type: "gpt2";
  readonly architectures?: readonly string[] | null | undefined;
  readonly vocab_size: number;
  readonly n_positions: number;
  readonly n_embd: number;
  readonly n_layer: number;
  readonly n_head: number;
  /** `null`: 4 n_embd. */
  readonly n_inner: number | null;
  readonly activation_function: ActivationName;
  /** Dropout rates of the embeddings, the attention weights, and the output of each branch. */
  readonly embd_pdrop: number;
  readonly attn_pdrop: number;
  readonly resid_pdrop: number;
  readonly layer_norm_epsilon: number;
  readonly initializer_range: number;
  /** Whether attention scores are divided by the root of the head size. */
  readonly scale_attn_weights: boolean;
  /** Whether they are divided by the number of the layer, from 1, too. */
  readonly scale_attn_by_inverse_layer_idx: boolean;
  readonly tie_word_embeddings: boolean;
  readonly pad_token_id?: number | null | undefined;
  readonly id2label?: Readonly<Record<string, string>> | null | undefined;
  readonly num_labels?: number | null | undefined;
}

/** The schema of a GPT-2 `config.json`. `reorder_and_upcast_attn` is about half precision and changes nothing in float32. */
export const gpt2Config: StandardSchemaV1<unknown, Gpt2Config> = z
  .looseObject({
    model_type: z.literal("gpt2"),
    architectures: z.classNames,
    vocab_size: z.size.default(50257),
    n_positions: z.size.default(1024),
    n_embd: z.size.default(768),
    n_layer: z.size.default(12),
    n_head: z.size.default(12),
    n_inner: z.size.nullable().default(null),
    activation_function: z.enum(ACTIVATION_NAMES).default("gelu_new"),
    embd_pdrop: z.dropoutRate.default(0.1),
    attn_pdrop: z.dropoutRate.default(0.1),
    resid_pdrop: z.dropoutRate.default(0.1),
    layer_norm_epsilon: z.number().positive().default(1e-5),
    initializer_range: z.number().positive().default(0.02),
    scale_attn_weights: z.boolean().default(true),
    scale_attn_by_inverse_layer_idx: z.boolean().default(false),
    reorder_and_upcast_attn: z.boolean().default(false),
    add_cross_attention: z
      .literal(false, "LiGO grows GPT-2 without cross-attention only")
      .nullish(),
    tie_word_embeddings: z.ties,
    // -1 stands for none, as in transformers: no token has it
    pad_token_id: z.number().int().nullish(),
    id2label: z.labelNames,
    num_labels: z.size.nullish(),
  })
  .superRefine(headsDivide("n_embd", "n_head"));
