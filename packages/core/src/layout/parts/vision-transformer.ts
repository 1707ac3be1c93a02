import { defineArchitecture, type Architecture } from "../architecture.js";
import { labelCount } from "../config-fields.js";
import type { Layout, Parameter, Rename, Space, Split } from "../layout.js";
import { patchGrid, visionConfig, type VisionConfig } from "../vision-config.js";
import { absentParts, createLayout, ofClass } from "./create-layout.js";
import { axis, linearLayer, normLayer, parameter } from "./parameters.js";
import { attentionSpaces, fixedSpace, layerSpace, modelSpace } from "./spaces.js";
import { transformerLayer, type TransformerLayerNames } from "./transformer-layer.js";

/** The names of a vision transformer's parts; tokens and positions in full, layers without `.weight` and `.bias`. */
export interface VisionTransformerNames {
  /** Tokens that stand before the patches, in order. */
  readonly tokens: readonly string[];
  /** Positions of tokens and patches. */
  readonly positions: string;
  readonly patches: string;
  readonly maskToken: string;
  readonly layer: TransformerLayerNames;
  /** Norm behind the last layer. */
  readonly norm: string;
  readonly pooler: string;
  /** Decoder of a masked image model. */
  readonly decoder: string;
}

/** The names of Hugging Face's ViT (`prefix` "vit") and its relatives, with the tokens `cls_token` and those of `tokens`. */
export function visionTransformerNames(
  prefix: string,
  tokens: readonly string[] = [],
): VisionTransformerNames {
  const embeddings = `${prefix}.embeddings`;
  const layer = `${prefix}.encoder.layer.{i}`;
  return {
    tokens: ["cls_token", ...tokens].map((token) => `${embeddings}.${token}`),
    positions: `${embeddings}.position_embeddings`,
    patches: `${embeddings}.patch_embeddings.projection`,
    maskToken: `${embeddings}.mask_token`,
    layer: {
      queryKeyValue: [
        `${layer}.attention.attention.query`,
        `${layer}.attention.attention.key`,
        `${layer}.attention.attention.value`,
      ],
      attentionOutput: `${layer}.attention.output.dense`,
      attentionNorm: `${layer}.layernorm_before`,
      mlpInput: `${layer}.intermediate.dense`,
      mlpOutput: `${layer}.output.dense`,
      mlpNorm: `${layer}.layernorm_after`,
    },
    norm: `${prefix}.layernorm`,
    pooler: `${prefix}.pooler.dense`,
    decoder: "decoder.0",
  };
}

const token = (name: string, initial: Parameter["initial"] = "normal"): Parameter =>
  parameter(name, [axis("one", "fixed"), axis("one", "fixed"), axis("embed", "out")], {
    initial,
    decay: false,
  });

/** The convolution that embeds patches, `weight` [embed, channels, patch height, patch width] and `bias`. */
export function patchEmbedding(name: string): readonly Parameter[] {
  const [weight, bias] = linearLayer(name, axis("embed", "out"), axis("channel", "fixed"));
  const sides = [axis("patch_height", "fixed"), axis("patch_width", "fixed")];
  return [
    { ...(weight as Parameter), axes: [...(weight as Parameter).axes, ...sides] },
    bias as Parameter,
  ];
}

/** Tokens [1, 1, embed] and a table of positions [1, positions, embed]. */
export function tokenTables(tokens: readonly string[], positions: string): readonly Parameter[] {
  const axes = [axis("one", "fixed"), axis("position", "fixed"), axis("embed", "out")];
  return [...tokens.map((name) => token(name)), parameter(positions, axes, { decay: false })];
}

/**
 * The spaces of images cut into patches, `tokens` of them before the patches.
 *
 * @param antialias whether positions are resampled for larger images with an antialiasing kernel: as timm does, and transformers for DINOv2
 *   with registers alone
 */
export function patchSpaces(
  config: Pick<VisionConfig, "image_size" | "patch_size" | "num_channels">,
  tokens: number,
  antialias: boolean = false,
): Readonly<Record<string, Space>> {
  const { columns, patch, patches, rows } = patchGrid(config);
  return {
    one: fixedSpace(1),
    position: {
      ...fixedSpace(patches + tokens),
      rows: { of: "patches", first: tokens, grid: [rows, columns], antialias },
    },
    channel: fixedSpace(config.num_channels),
    patch_height: fixedSpace(patch[0]),
    patch_width: fixedSpace(patch[1]),
  };
}

/** A linear layer from the embedding space to the classes. */
export function imageClassifier(name: string): readonly Parameter[] {
  return linearLayer(name, axis("label", "fixed"), axis("embed", "in"));
}

/** Parts of a class beside the encoder. */
export interface VisionClass {
  /** Classifiers by name, with the name timm gives each. */
  readonly classifiers?: Readonly<Record<string, string>>;
  /** The bare model: its names have no prefix on disk, and it has a pooler unless the config says otherwise. */
  readonly bare?: boolean;
  /** A masked image model: mask token and decoder. */
  readonly masked?: boolean;
}

/**
 * The layout of a checkpoint of ViT or DeiT: names and shapes as Hugging Face's `save_pretrained` writes them. Read are
 * also the names transformers 5 has in memory, and those of timm with its fused `qkv`.
 */
export function visionTransformerLayout(
  config: VisionConfig,
  className: string,
  names: VisionTransformerNames,
  { bare = false, classifiers = {}, masked = false }: VisionClass,
): Layout {
  const prefix = config.model_type;
  const parameters = [
    ...tokenTables(names.tokens, names.positions),
    ...(masked ? [token(names.maskToken, "zeros")] : []),
    ...patchEmbedding(names.patches),
    ...transformerLayer(names.layer, {
      stack: "encoder",
      norm: "pre",
      queryKeyValueBias: config.qkv_bias,
    }),
    ...normLayer(names.norm, "embed"),
    ...(bare && config.add_pooling_layer
      ? linearLayer(names.pooler, axis("pooler", "out"), axis("embed", "in"))
      : []),
    ...Object.keys(classifiers).flatMap(imageClassifier),
    ...(masked ? pixelDecoder(names.decoder) : []),
  ];
  const heads = ["classifier.", "cls_classifier.", "distillation_classifier.", "decoder."];
  return createLayout({
    architecture: prefix,
    className,
    spaces: {
      embed: modelSpace(config.hidden_size),
      ...attentionSpaces(config.hidden_size, config.num_attention_heads),
      mlp: layerSpace(config.intermediate_size),
      pooler: modelSpace(config.pooler_output_size ?? config.hidden_size),
      ...patchSpaces(config, names.tokens.length),
      label: fixedSpace(labelCount(config)),
      pixel: fixedSpace(config.encoder_stride ** 2 * config.num_channels),
    },
    stacks: { encoder: { layers: config.num_hidden_layers, norm: "pre" } },
    parameters,
    renames: [...timmRenames(prefix, classifiers), ...memoryRenames(prefix)],
    splits: [fusedQueryKeyValue(prefix)],
    drops: [...absentParts(parameters, [`${prefix}.pooler.`, names.maskToken, ...heads])],
    ...(bare ? { strippedPrefix: `${prefix}.` } : {}),
  });
}

/** Parts of an architecture that ViT and DeiT do not share. */
export interface VisionArchitecture {
  readonly modelType: string;
  /** By Hugging Face name; the first is the default. */
  readonly classes: Readonly<Record<string, VisionClass>>;
  readonly names: VisionTransformerNames;
  readonly model: Architecture<VisionConfig>["model"];
}

/** The architecture of ViT or a relative. Its layout throws `config/unknown-class`. */
export function visionArchitecture({
  modelType,
  classes,
  names,
  model,
}: VisionArchitecture): Architecture<VisionConfig> {
  return defineArchitecture({
    specVersion: "v1",
    modelTypes: [modelType],
    architectures: Object.keys(classes),
    config: visionConfig(modelType),
    functionKeys: ["hidden_act", "layer_norm_eps", "image_size", "patch_size", "pooler_act"],
    follows: { pooler_output_size: "hidden_size" },
    optionalParts: { add_pooling_layer: "pooler." },
    normEpsilon: "layer_norm_eps",
    layout: (config, className) =>
      visionTransformerLayout(config, className, names, ofClass(classes, className)),
    model,
  });
}

/** A convolution of one pixel from the embedding space to the pixels of a patch. */
function pixelDecoder(name: string): readonly Parameter[] {
  const [weight, bias] = linearLayer(name, axis("pixel", "fixed"), axis("embed", "in"));
  const one = axis("one", "fixed");
  return [
    { ...(weight as Parameter), axes: [...(weight as Parameter).axes, one, one] },
    bias as Parameter,
  ];
}

/** Names that transformers 5 has in memory, and writes with `save_original_format=False`. */
function memoryRenames(prefix: string): readonly Rename[] {
  const part = (memory: string, disk: string): Rename => ({
    pattern: `^(${prefix}\\.encoder\\.layer\\.\\d+\\.)${memory.replaceAll(".", "\\.")}\\.`,
    replacement: `$1${disk}.`,
  });
  return [
    { pattern: `^(?:${prefix}\\.)?layers\\.(?=\\d)`, replacement: `${prefix}.encoder.layer.` },
    part("attention.q_proj", "attention.attention.query"),
    part("attention.k_proj", "attention.attention.key"),
    part("attention.v_proj", "attention.attention.value"),
    part("attention.o_proj", "attention.output.dense"),
    part("mlp.fc1", "intermediate.dense"),
    part("mlp.fc2", "output.dense"),
    {
      pattern: "^(?=embeddings\\.|encoder\\.|pooler\\.|layernorm\\.)",
      replacement: `${prefix}.`,
    },
  ];
}

/** Names of timm. */
function timmRenames(
  prefix: string,
  classifiers: Readonly<Record<string, string>>,
): readonly Rename[] {
  const layer = `${prefix}.encoder.layer.`;
  const embeddings = `${prefix}.embeddings.`;
  const whole = (timm: string, name: string): Rename => ({
    pattern: `^${timm}$`,
    replacement: name,
  });
  const start = (timm: string, name: string): Rename => ({
    pattern: `^${timm}\\.`,
    replacement: `${name}.`,
  });
  const inBlock = (timm: string, name: string): Rename => ({
    pattern: `^blocks\\.(\\d+)\\.${timm}\\.`,
    replacement: `${layer}$1.${name}.`,
  });
  return [
    whole("cls_token", `${embeddings}cls_token`),
    whole("dist_token", `${embeddings}distillation_token`),
    whole("pos_embed", `${embeddings}position_embeddings`),
    start("patch_embed\\.proj", `${embeddings}patch_embeddings.projection`),
    inBlock("norm1", "layernorm_before"),
    inBlock("norm2", "layernorm_after"),
    inBlock("attn\\.qkv", "attn.qkv"),
    inBlock("attn\\.proj", "attention.output.dense"),
    inBlock("mlp\\.fc1", "intermediate.dense"),
    inBlock("mlp\\.fc2", "output.dense"),
    start("norm", `${prefix}.layernorm`),
    ...Object.entries(classifiers).map(([name, timm]) => start(timm, name)),
  ];
}

/** timm's `qkv`: query, key and value behind each other. */
function fusedQueryKeyValue(prefix: string): Split {
  return {
    pattern: `(${prefix}\\.encoder\\.layer\\.\\d+)\\.attn\\.qkv\\.(weight|bias)`,
    parts: ["query", "key", "value"].map((part) => `$1.attention.attention.${part}.$2`),
  };
}
