import type { TransformerLayerNames } from "@ligo/core";

const BLOCK = "blocks.{i}";
const TOKEN_BLOCK = "blocks_token_only.{i}";

/** A layer, and its LayerScale: what attention and MLP are multiplied by per channel. */
export interface CaitLayerNames extends TransformerLayerNames {
  readonly scales: readonly [attention: string, mlp: string];
}

/** Parts of a layer that both stacks have. */
const common = (block: string): Omit<CaitLayerNames, "queryKeyValue"> => ({
  attentionOutput: `${block}.attn.proj`,
  attentionNorm: `${block}.norm1`,
  mlpInput: `${block}.mlp.fc1`,
  mlpOutput: `${block}.mlp.fc2`,
  mlpNorm: `${block}.norm2`,
  scales: [`${block}.gamma_1`, `${block}.gamma_2`],
});

/** Layers that patches go through: talking-heads attention. */
export const patchLayer: CaitLayerNames = {
  ...common(BLOCK),
  queryKeyValue: [`${BLOCK}.attn.qkv`],
};

/** Linear layers over heads, before (`scores`) and after the softmax (`weights`). */
export const talkingHeads: Readonly<Record<"scores" | "weights", string>> = {
  scores: `${BLOCK}.attn.proj_l`,
  weights: `${BLOCK}.attn.proj_w`,
};

/** Layers of class attention: the class token looks at the patches. */
export const tokenLayer: CaitLayerNames = {
  ...common(TOKEN_BLOCK),
  queryKeyValue: [`${TOKEN_BLOCK}.attn.q`, `${TOKEN_BLOCK}.attn.k`, `${TOKEN_BLOCK}.attn.v`],
};

export const CLASS_TOKEN = "cls_token";
export const POSITIONS = "pos_embed";
export const PATCHES = "patch_embed.proj";
export const NORM = "norm";
export const HEAD = "head";
