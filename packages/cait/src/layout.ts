import type { Layout, Parameter } from "@ligo/core";
import {
  attentionSpaces,
  axis,
  createLayout,
  fixedSpace,
  imageClassifier,
  inStack,
  layerSpace,
  linearLayer,
  modelSpace,
  normLayer,
  ofClass,
  parameter,
  patchEmbedding,
  patchSpaces,
  productSpace,
  tokenTables,
  transformerLayer,
  type TransformerLayerNames,
} from "@ligo/core/layout";
import { imagesOf, type CaitConfig } from "./config.js";

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

/** The classes of this package: timm's `Cait`. */
export const CAIT_CLASSES: readonly string[] = ["Cait"];

const [read, write] = [axis("embed", "in"), axis("embed", "out")];

/** LayerScale of a stack. It starts at zero, where CaiT starts at 1e-4 or less: an untrained branch adds nothing. */
const layerScale = (stack: string, scales: readonly string[]): readonly Parameter[] =>
  scales.map((name) =>
    parameter(name, [axis("embed", "elem")], { stack, initial: "zeros", decay: false }),
  );

/** Heads talk before and after the softmax: `score` heads of query and key, `talk` heads in between, `context` heads. */
function patchLayers(config: CaitConfig): readonly Parameter[] {
  return [
    ...transformerLayer(patchLayer, {
      stack: "patches",
      norm: "pre",
      queryKeyValueBias: config.qkv_bias,
    }),
    ...inStack("patches", [
      ...linearLayer(talkingHeads.scores, axis("talk", "out"), axis("score", "in")),
      ...linearLayer(talkingHeads.weights, axis("context", "out"), axis("talk", "in")),
    ]),
    ...layerScale("patches", patchLayer.scales),
  ];
}

/** A second stack needs spaces of its own for what grows layer by layer. */
function tokenLayers(config: CaitConfig): readonly Parameter[] {
  const { attentionNorm, attentionOutput, mlpInput, mlpNorm, mlpOutput, queryKeyValue } =
    tokenLayer;
  return [
    ...inStack("token", [
      ...normLayer(attentionNorm, "embed"),
      ...queryKeyValue.flatMap((name, index) =>
        linearLayer(name, axis(TOKEN_SPACES[index] ?? "", "out"), read, { bias: config.qkv_bias }),
      ),
      ...linearLayer(attentionOutput, write, axis("token_value", "in")),
      ...normLayer(mlpNorm, "embed"),
      ...linearLayer(mlpInput, axis("token_mlp", "out"), read),
      ...linearLayer(mlpOutput, write, axis("token_mlp", "in")),
    ]),
    ...layerScale("token", tokenLayer.scales),
  ];
}

const TOKEN_SPACES = ["token_query", "token_key", "token_value"];

/** The layout of a CaiT checkpoint: names and shapes of timm's state dict. Throws `config/unknown-class`. */
export function caitLayout(config: CaitConfig, className: string): Layout {
  ofClass({ Cait: true }, className);
  const { embed_dim: embed, num_heads: heads } = config;
  const attention = attentionSpaces(embed, heads);
  const head = { name: "head", size: heads };
  return createLayout({
    architecture: "cait",
    className,
    spaces: {
      embed: modelSpace(embed),
      ...attention,
      score: productSpace(head),
      talk: layerSpace(heads),
      context: productSpace(head),
      mlp: layerSpace(Math.trunc(embed * config.mlp_ratio)),
      token_query: {
        ...attention.query,
        pairing: { ...attention.query.pairing, with: "token_key" },
      },
      token_key: attention.key,
      token_value: attention.value,
      token_mlp: layerSpace(Math.trunc(embed * config.mlp_ratio_token_only)),
      ...patchSpaces(imagesOf(config), 0, true),
      label: fixedSpace(config.num_classes),
    },
    stacks: {
      patches: { layers: config.depth, norm: "pre" },
      token: { layers: config.depth_token_only, norm: "pre" },
    },
    normEpsilon: "fixed",
    parameters: [
      ...tokenTables([CLASS_TOKEN], POSITIONS),
      ...patchEmbedding(PATCHES),
      ...patchLayers(config),
      ...tokenLayers(config),
      ...normLayer(NORM, "embed"),
      ...imageClassifier(HEAD),
    ],
  });
}
