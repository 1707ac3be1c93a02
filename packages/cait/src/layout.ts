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
  tokenTables,
  transformerLayer,
  type Layout,
  type Parameter,
} from "@ligo/core";
import { imagesOf, type CaitConfig } from "./config.js";
import * as names from "./names.js";

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
    ...transformerLayer(names.patchLayer, {
      stack: "patches",
      norm: "pre",
      queryKeyValueBias: config.qkv_bias,
    }),
    ...inStack("patches", [
      ...linearLayer(names.talkingHeads.scores, axis("talk", "out"), axis("score", "in")),
      ...linearLayer(names.talkingHeads.weights, axis("context", "out"), axis("talk", "in")),
    ]),
    ...layerScale("patches", names.patchLayer.scales),
  ];
}

/** A second stack needs spaces of its own for what grows layer by layer. */
function tokenLayers(config: CaitConfig): readonly Parameter[] {
  const { attentionNorm, attentionOutput, mlpInput, mlpNorm, mlpOutput, queryKeyValue } =
    names.tokenLayer;
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
    ...layerScale("token", names.tokenLayer.scales),
  ];
}

const TOKEN_SPACES = ["token_query", "token_key", "token_value"];

/** The layout of a CaiT checkpoint: names and shapes of timm's state dict. Throws `config/unknown-class`. */
export function caitLayout(config: CaitConfig, className: string): Layout {
  ofClass({ Cait: true }, className);
  const { embed_dim: embed, num_heads: heads } = config;
  const attention = attentionSpaces(embed, heads);
  return createLayout({
    architecture: "cait",
    className,
    spaces: {
      embed: modelSpace(embed),
      ...attention,
      score: layerSpace(heads),
      talk: layerSpace(heads),
      context: layerSpace(heads),
      mlp: layerSpace(Math.trunc(embed * config.mlp_ratio)),
      token_query: { ...attention.query, pairedWith: "token_key" },
      token_key: attention.key,
      token_value: attention.value,
      token_mlp: layerSpace(Math.trunc(embed * config.mlp_ratio_token_only)),
      ...patchSpaces(imagesOf(config), 0),
      label: fixedSpace(config.num_classes),
    },
    stacks: {
      patches: { layers: config.depth, norm: "pre" },
      token: { layers: config.depth_token_only, norm: "pre" },
    },
    parameters: [
      ...tokenTables([names.CLASS_TOKEN], names.POSITIONS),
      ...patchEmbedding(names.PATCHES),
      ...patchLayers(config),
      ...tokenLayers(config),
      ...normLayer(names.NORM, "embed"),
      ...imageClassifier(names.HEAD),
    ],
  });
}
