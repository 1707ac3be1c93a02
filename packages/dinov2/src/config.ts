import type { StandardSchemaV1 } from "@ligo/core";
import {
  ACTIVATION_NAMES,
  headsDivide,
  patchesFit,
  type ActivationName,
  type LabelFields,
  type SideLengths,
} from "@ligo/core/layout";
import * as z from "@ligo/core/zod";

/** Keys of a DINOv2 `config.json` that LiGO reads, Hugging Face's defaults filled in; every other key is kept as it is. */
export interface Dinov2Config extends LabelFields {
  readonly [key: string]: unknown;
  readonly model_type: string;
  readonly architectures?: readonly string[] | null | undefined;
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  /** Size of the MLP over `hidden_size`. */
  readonly mlp_ratio: number;
  /** Whether the MLP is gated; it has two thirds of the size then, up to a multiple of eight. */
  readonly use_swiglu_ffn: boolean;
  readonly hidden_act: ActivationName;
  /** Dropout rates of the embeddings, and of the attention weights. */
  readonly hidden_dropout_prob: number;
  readonly attention_probs_dropout_prob: number;
  readonly layer_norm_eps: number;
  readonly initializer_range: number;
  readonly image_size: SideLengths;
  readonly patch_size: SideLengths;
  readonly num_channels: number;
  readonly qkv_bias: boolean;
  /** Whether there is a token for patches that are hidden. */
  readonly use_mask_token: boolean;
  /** Tokens between the class token and the patches. */
  readonly num_register_tokens: number;
}

const sides = z.union([z.size, z.tuple([z.size, z.size])]);

/** The schema of a DINOv2 `config.json`, of images in patches of `patch` pixels and with so many registers unless it says otherwise. */
export function dinov2Config(
  modelType: string,
  { patch, registers }: { readonly patch: number; readonly registers: number },
): StandardSchemaV1<unknown, Dinov2Config> {
  return z
    .looseObject({
      model_type: z.literal(modelType),
      architectures: z.classNames,
      hidden_size: z.size.default(768),
      num_hidden_layers: z.size.default(12),
      num_attention_heads: z.size.default(12),
      mlp_ratio: z.number().positive().default(4),
      use_swiglu_ffn: z.boolean().default(false),
      hidden_act: z.enum(ACTIVATION_NAMES).default("gelu"),
      hidden_dropout_prob: z.dropoutRate.default(0),
      attention_probs_dropout_prob: z.dropoutRate.default(0),
      layer_norm_eps: z.number().positive().default(1e-6),
      initializer_range: z.number().positive().default(0.02),
      image_size: sides.default(224),
      patch_size: sides.default(patch),
      num_channels: z.size.default(3),
      qkv_bias: z.boolean().default(true),
      use_mask_token: z.boolean().default(true),
      num_register_tokens: z.number().int().nonnegative().default(registers),
      id2label: z.labelNames,
      num_labels: z.size.optional(),
    })
    .superRefine(headsDivide("hidden_size", "num_attention_heads"))
    .superRefine(patchesFit);
}

/** Units of the MLP. */
export function mlpSize({ hidden_size, mlp_ratio, use_swiglu_ffn: gated }: Dinov2Config): number {
  const size = Math.trunc(hidden_size * mlp_ratio);
  return gated ? 8 * Math.ceil(Math.trunc((size * 2) / 3) / 8) : size;
}
