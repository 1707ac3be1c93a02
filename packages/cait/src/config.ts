import type { StandardSchemaV1 } from "@ligo/core";
import { headsDivide, patchesFit, type SideLengths, type VisionConfig } from "@ligo/core/layout";
import * as z from "@ligo/core/zod";

/** Keys of a CaiT `config.json` that LiGO reads: the arguments of timm's `Cait`, and `model_type`; other keys are kept. */
export interface CaitConfig {
  readonly [key: string]: unknown;
  readonly model_type: "cait";
  readonly architectures?: readonly string[] | null | undefined;
  readonly embed_dim: number;
  readonly num_heads: number;
  /** Layers that patches go through. */
  readonly depth: number;
  /** Layers of class attention behind them. */
  readonly depth_token_only: number;
  readonly mlp_ratio: number;
  readonly mlp_ratio_token_only: number;
  readonly qkv_bias: boolean;
  readonly img_size: SideLengths;
  readonly patch_size: SideLengths;
  readonly in_chans: number;
  readonly num_classes: number;
}

const sides = z.union([z.size, z.tuple([z.size, z.size])]);
const ratio = z.number().positive();

/** The schema of a CaiT `config.json`, with timm's defaults. */
export const caitConfig: StandardSchemaV1<unknown, CaitConfig> = z
  .looseObject({
    model_type: z.literal("cait"),
    architectures: z.classNames,
    embed_dim: z.size.default(768),
    num_heads: z.size.default(12),
    depth: z.size.default(12),
    depth_token_only: z.size.default(2),
    mlp_ratio: ratio.default(4),
    mlp_ratio_token_only: ratio.default(4),
    qkv_bias: z.boolean().default(true),
    img_size: sides.default(224),
    patch_size: sides.default(16),
    in_chans: z.size.default(3),
    num_classes: z.size.default(1000),
    global_pool: z.literal("token", "LiGO reads the class token of CaiT only").optional(),
  })
  .superRefine(headsDivide("embed_dim", "num_heads"))
  .superRefine((config, context) => patchesFit(imagesOf(config), context));

/** The images of a config, by the names the helpers for vision transformers know. */
export function imagesOf(
  config: CaitConfig,
): Pick<VisionConfig, "image_size" | "patch_size" | "num_channels"> {
  const { img_size, patch_size, in_chans } = config;
  return { image_size: img_size, patch_size, num_channels: in_chans };
}
