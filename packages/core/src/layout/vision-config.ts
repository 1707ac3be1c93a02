import * as z from "../zod.js";
import type { StandardSchemaV1 } from "../standard-schema.js";
import {
  ACTIVATION_NAMES,
  headsDivide,
  type ActivationName,
  type EncoderConfig,
  type IssueCollector,
} from "./config-fields.js";

/** Height and width, or one number for both. */
export type SideLengths = number | readonly [height: number, width: number];

/** Keys of the `config.json` of a ViT or DeiT that LiGO reads; every other key is kept as it is. */
export interface VisionConfig extends EncoderConfig {
  readonly image_size: SideLengths;
  readonly patch_size: SideLengths;
  readonly num_channels: number;
  readonly qkv_bias: boolean;
  /** Pixels a masked image model's decoder makes of a patch, along each side. */
  readonly encoder_stride: number;
  /** Default `hidden_size`. */
  readonly pooler_output_size?: number | null | undefined;
  readonly pooler_act: ActivationName;
  /** False for a bare model saved without its pooler; not a key of Hugging Face, which makes a new pooler then. */
  readonly add_pooling_layer: boolean;
}

const sides = z.union([z.size, z.tuple([z.size, z.size])]);

/** The schema of a ViT or DeiT `config.json`, with Hugging Face's defaults. */
export function visionConfig(modelType: string): StandardSchemaV1<unknown, VisionConfig> {
  return z
    .looseObject({
      model_type: z.literal(modelType),
      architectures: z.classNames,
      hidden_size: z.size.default(768),
      num_hidden_layers: z.size.default(12),
      num_attention_heads: z.size.default(12),
      intermediate_size: z.size.default(3072),
      hidden_act: z.enum(ACTIVATION_NAMES).default("gelu"),
      hidden_dropout_prob: z.dropoutRate.default(0),
      attention_probs_dropout_prob: z.dropoutRate.default(0),
      layer_norm_eps: z.number().positive().default(1e-12),
      initializer_range: z.number().positive().default(0.02),
      image_size: sides.default(224),
      patch_size: sides.default(16),
      num_channels: z.size.default(3),
      qkv_bias: z.boolean().default(true),
      encoder_stride: z.size.default(16),
      pooler_output_size: z.size.nullish(),
      pooler_act: z.enum(ACTIVATION_NAMES).default("tanh"),
      add_pooling_layer: z.boolean().default(true),
      id2label: z.labelNames,
      num_labels: z.size.nullish(),
    })
    .superRefine(headsDivide("hidden_size", "num_attention_heads"))
    .superRefine(patchesFit);
}

/** A check of a config schema, for zod's `superRefine`: images must be whole numbers of patches. */
export function patchesFit(
  config: Pick<VisionConfig, "image_size" | "patch_size">,
  context: IssueCollector,
): void {
  const { image, patch } = patchGrid(config);
  if (image.every((length, axis) => length % (patch[axis] as number) === 0)) return;
  context.addIssue({
    code: "custom",
    message: `image_size ${image.join(" x ")} is not a whole number of patches of patch_size ${patch.join(" x ")}`,
    path: ["patch_size"],
  });
}

/** How images are cut into patches; pairs are height and width. */
export interface PatchGrid {
  readonly image: readonly [number, number];
  readonly patch: readonly [number, number];
  readonly rows: number;
  readonly columns: number;
  /** rows x columns */
  readonly patches: number;
}

/** The patches of a config's images. */
export function patchGrid(config: Pick<VisionConfig, "image_size" | "patch_size">): PatchGrid {
  const both = (length: SideLengths): readonly [number, number] =>
    typeof length === "number" ? [length, length] : length;
  const [image, patch] = [both(config.image_size), both(config.patch_size)];
  const [rows, columns] = [Math.floor(image[0] / patch[0]), Math.floor(image[1] / patch[1])];
  return { image, patch, rows, columns, patches: rows * columns };
}
