import type { TransformerLayerNames } from "@ligo/core";

const BLOCK = "blocks.{i}";
const TOKEN_BLOCK = "blocks_token_only.{i}";

/** Parts of a layer that both stacks have. */
const common = (block: string): Omit<TransformerLayerNames, "queryKeyValue"> => ({
  attentionOutput: `${block}.attn.proj`,
  attentionNorm: `${block}.norm1`,
  mlpInput: `${block}.mlp.fc1`,
  mlpOutput: `${block}.mlp.fc2`,
  mlpNorm: `${block}.norm2`,
});

/** Layers that patches go through: talking-heads attention. */
export const patchLayer: TransformerLayerNames = {
  ...common(BLOCK),
  queryKeyValue: [`${BLOCK}.attn.qkv`],
};

/** Linear layers over heads, before (`scores`) and after the softmax (`weights`). */
export const talkingHeads: Readonly<Record<"scores" | "weights", string>> = {
  scores: `${BLOCK}.attn.proj_l`,
  weights: `${BLOCK}.attn.proj_w`,
};

/** Layers of class attention: the class token looks at the patches. */
export const tokenLayer: TransformerLayerNames = {
  ...common(TOKEN_BLOCK),
  queryKeyValue: [`${TOKEN_BLOCK}.attn.q`, `${TOKEN_BLOCK}.attn.k`, `${TOKEN_BLOCK}.attn.v`],
};

/** LayerScale of a layer: what its attention and its MLP are multiplied by per channel. */
export const layerScales = (
  layer: TransformerLayerNames,
): { readonly attention: string; readonly mlp: string } => {
  const block = layer === patchLayer ? BLOCK : TOKEN_BLOCK;
  return { attention: `${block}.gamma_1`, mlp: `${block}.gamma_2` };
};

export const CLASS_TOKEN = "cls_token";
export const POSITIONS = "pos_embed";
export const PATCHES = "patch_embed.proj";
export const NORM = "norm";
export const HEAD = "head";
