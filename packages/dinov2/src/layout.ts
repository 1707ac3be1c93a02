import type { Layout, Parameter } from "@ligo/core";
import {
  absentParts,
  attentionSpaces,
  axis,
  createLayout,
  fixedSpace,
  inStack,
  labelCount,
  layerSpace,
  linearLayer,
  modelSpace,
  normLayer,
  ofClass,
  parameter,
  patchEmbedding,
  patchSpaces,
  tokenTables,
  type TransformerLayerNames,
  visionTransformerNames,
} from "@ligo/core/layout";
import { mlpSize, type Dinov2Config } from "./config.js";

/** A layer, and its LayerScale: what attention and MLP are multiplied by per channel. */
export interface Dinov2LayerNames extends TransformerLayerNames {
  readonly scales: readonly [attention: string, mlp: string];
}

/** The names of DINOv2's parts; tokens and positions in full, layers without `.weight` and `.bias`. */
export interface Dinov2Names {
  readonly classToken: string;
  readonly positions: string;
  readonly registers: string;
  readonly maskToken: string;
  readonly patches: string;
  readonly layer: Dinov2LayerNames;
  readonly norm: string;
}

/** The readout of the classifier: of the class token and the mean of the patches behind each other. */
export const classHead = "classifier";

/** The names of a config's parts, of layout and forward pass alike. */
export function dinov2Names({
  model_type: prefix,
  use_swiglu_ffn: gated,
}: Dinov2Config): Dinov2Names {
  const shared = visionTransformerNames(prefix);
  const layer = `${prefix}.encoder.layer.{i}`;
  const [classToken = ""] = shared.tokens;
  return {
    classToken,
    positions: shared.positions,
    registers: `${prefix}.embeddings.register_tokens`,
    maskToken: shared.maskToken,
    patches: shared.patches,
    layer: {
      ...shared.layer,
      attentionNorm: `${layer}.norm1`,
      mlpInput: `${layer}.mlp.${gated ? "weights_in" : "fc1"}`,
      mlpOutput: `${layer}.mlp.${gated ? "weights_out" : "fc2"}`,
      mlpNorm: `${layer}.norm2`,
      scales: [`${layer}.layer_scale1.lambda1`, `${layer}.layer_scale2.lambda1`],
    },
    norm: shared.norm,
  };
}

/** Hugging Face classes, and whether each is the bare model. */
export type Dinov2Classes = Readonly<Record<string, "classifier" | "bare">>;

function layerParameters(
  { layer: names }: Dinov2Names,
  config: Dinov2Config,
): readonly Parameter[] {
  const [read, write] = [axis("embed", "in"), axis("embed", "out")];
  const inner = axis(config.use_swiglu_ffn ? ["mlp", "mlp"] : "mlp", "out");
  const scale = (name: string): Parameter =>
    parameter(name, [axis("embed", "elem")], { initial: "ones", decay: false });
  return [
    ...normLayer(names.attentionNorm, "embed"),
    ...["query", "key", "value"].flatMap((space, index) =>
      linearLayer(names.queryKeyValue[index] ?? "", axis(space, "out"), read, {
        bias: config.qkv_bias,
      }),
    ),
    ...linearLayer(names.attentionOutput, write, axis("value", "in")),
    scale(names.scales[0]),
    ...normLayer(names.mlpNorm, "embed"),
    ...linearLayer(names.mlpInput, inner, read),
    ...linearLayer(names.mlpOutput, write, axis("mlp", "in")),
    scale(names.scales[1]),
  ];
}

/**
 * The layout of a DINOv2 checkpoint: names and shapes as Hugging Face's `save_pretrained` writes them. Read are also the names
 * that transformers 5 has in memory, but for a gated MLP. Throws `config/unknown-class`.
 */
export function dinov2Layout(
  config: Dinov2Config,
  className: string,
  classes: Dinov2Classes,
): Layout {
  const kind = ofClass(classes, className);
  const names = dinov2Names(config);
  const prefix = config.model_type;
  const token = { decay: false };
  const one = axis("one", "fixed");
  const tokens = axis("register", "fixed");
  const parameters = [
    ...tokenTables([names.classToken], names.positions),
    ...(config.use_mask_token
      ? [parameter(names.maskToken, [one, axis("embed", "out")], { ...token, initial: "zeros" })]
      : []),
    ...(config.num_register_tokens > 0
      ? [parameter(names.registers, [one, tokens, axis("embed", "out")], token)]
      : []),
    ...patchEmbedding(names.patches),
    ...inStack("encoder", layerParameters(names, config)),
    ...normLayer(names.norm, "embed"),
    ...(kind === "classifier"
      ? linearLayer(classHead, axis("label", "fixed"), axis(["embed", "embed"], "in"))
      : []),
  ];
  const part = (memory: string, disk: string): { pattern: string; replacement: string } => ({
    pattern: `(?<=\\.layer\\.\\d+\\.)${memory.replaceAll(".", "\\.")}\\.`,
    replacement: `${disk}.`,
  });
  return createLayout({
    architecture: prefix,
    className,
    spaces: {
      embed: modelSpace(config.hidden_size),
      ...attentionSpaces(config.hidden_size, config.num_attention_heads),
      mlp: layerSpace(mlpSize(config)),
      ...patchSpaces(config, 1, prefix === "dinov2_with_registers"),
      register: fixedSpace(config.num_register_tokens),
      label: fixedSpace(labelCount(config)),
    },
    stacks: { encoder: { layers: config.num_hidden_layers, norm: "pre" } },
    parameters,
    renames: [
      part("attention.q_proj", "attention.attention.query"),
      part("attention.k_proj", "attention.attention.key"),
      part("attention.v_proj", "attention.attention.value"),
      part("attention.o_proj", "attention.output.dense"),
      part("mlp.down_proj", "mlp.weights_out"),
      { pattern: "^(?=embeddings\\.|encoder\\.|layernorm\\.)", replacement: `${prefix}.` },
    ],
    drops: absentParts(parameters, [names.maskToken, `${classHead}.`]),
    ...(kind === "bare" ? { strippedPrefix: `${prefix}.` } : {}),
  });
}
