import type { StandardSchemaV1 } from "@ligo/core";
import {
  ACTIVATION_NAMES,
  headsDivide,
  isRotaryType,
  rotaryOptions,
  type ActivationName,
  type LabelFields,
  type RotaryFields,
  type RotaryOptions,
} from "@ligo/core/layout";
import * as z from "@ligo/core/zod";

/** Keys of a GPT-NeoX `config.json` that LiGO reads, Hugging Face's defaults filled in; every other key is kept as it is. */
export interface GptNeoXConfig extends LabelFields, RotaryFields {
  readonly [key: string]: unknown;
  readonly model_type: "gpt_neox";
  readonly architectures?: readonly string[] | null | undefined;
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly intermediate_size: number;
  readonly hidden_act: ActivationName;
  /** Dropout rates of the attention weights, and of the embeddings and the output of each branch. */
  readonly attention_dropout: number;
  readonly hidden_dropout: number;
  /** The longest sequence. */
  readonly max_position_embeddings: number;
  readonly layer_norm_eps: number;
  readonly initializer_range: number;
  /** Whether both branches of a layer read what comes into it, or the MLP what attention has added to. */
  readonly use_parallel_residual: boolean;
  readonly attention_bias: boolean;
  /** Share of a head's channels that rotary embeddings turn, and their base, as transformers 4 writes them. */
  readonly rotary_pct: number;
  readonly rotary_emb_base: number;
  readonly tie_word_embeddings: boolean;
  readonly pad_token_id?: number | null | undefined;
}

/** The rotary embeddings of a config. Channels that do not turn stand behind those that do. */
export function rotaryOf(config: GptNeoXConfig): RotaryOptions {
  const { partial_rotary_factor: share } = config.rope_parameters ?? {};
  const head = config.hidden_size / config.num_attention_heads;
  const channels = Math.floor(head * (typeof share === "number" ? share : config.rotary_pct));
  return rotaryOptions(config, channels, config.rotary_emb_base);
}

const rotary = z.keys.nullish();

/** The schema of a GPT-NeoX `config.json`. */
export const gptNeoXConfig: StandardSchemaV1<unknown, GptNeoXConfig> = z
  .looseObject({
    model_type: z.literal("gpt_neox"),
    architectures: z.classNames,
    vocab_size: z.size.default(50432),
    hidden_size: z.size.default(6144),
    num_hidden_layers: z.size.default(44),
    num_attention_heads: z.size.default(64),
    intermediate_size: z.size.default(24576),
    hidden_act: z.enum(ACTIVATION_NAMES).default("gelu"),
    attention_dropout: z.dropoutRate.default(0),
    hidden_dropout: z.dropoutRate.default(0),
    max_position_embeddings: z.size.default(2048),
    layer_norm_eps: z.number().positive().default(1e-5),
    initializer_range: z.number().positive().default(0.02),
    use_parallel_residual: z.boolean().default(true),
    attention_bias: z.boolean().default(true),
    rotary_pct: z.number().positive().max(1).default(0.25),
    rotary_emb_base: z.number().positive().default(10_000),
    rope_scaling: rotary,
    rope_parameters: rotary,
    tie_word_embeddings: z.boolean().default(false),
    pad_token_id: z.number().int().nonnegative().nullish(),
    id2label: z.labelNames,
    num_labels: z.size.optional(),
  })
  .superRefine(headsDivide("hidden_size", "num_attention_heads"))
  .refine((config) => rotaryOf(config).channels % 2 === 0, {
    error:
      "rotary embeddings turn channels of a head in pairs: hidden_size / num_attention_heads, times rotary_pct, must be even",
    path: ["hidden_size"],
  })
  .refine(isRotaryType, {
    error: "LiGO knows the rotary embeddings default, linear, dynamic, llama3 and yarn only",
    path: ["rope_scaling"],
  });
