import type { Names, Scaffold } from "./scaffold.js";

type NormPlace = "pre" | "post";

/** A package of single parts, for what is of no family: layers whose norms stand before the sublayers, or after the sums. */
export const partsScaffold = (norm: NormPlace): Scaffold => ({
  classes: undefined,
  tiny: {
    vocab_size: 30,
    hidden_size: 16,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    intermediate_size: 32,
  },
  sources: {
    config: configFile,
    layout: (names) => layoutFile(names, norm),
    model: (names) => modelFile(names, norm),
    index: indexFile,
  },
  sizes: {
    wider: ["hidden_size", "num_attention_heads", "intermediate_size"],
    sizes: `const [heads, headSize] = [growing(1, 3), growing(1, 4)];
    return {
      vocab_size: fixed(2, 9),
      hidden_size: heads * headSize,
      num_hidden_layers: growing(1, 3),
      num_attention_heads: heads,
      intermediate_size: growing(1, 9),
      max_position_embeddings: fixed(2, 6),
    };`,
  },
});

function configFile({ modelType, value, type, title }: Names): string {
  return `import type { StandardSchemaV1 } from "@ligo/core";
import { headsDivide } from "@ligo/core/layout";
import * as z from "@ligo/core/zod";

/** Keys of a ${title} \`config.json\` that LiGO reads; every other key is kept as it is. */
export interface ${type} {
  readonly [key: string]: unknown;
  readonly model_type: "${modelType}";
  readonly architectures?: readonly string[] | null | undefined;
  // TODO 1: the keys that sizes and the forward pass depend on, with the defaults of the original's config class.
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly intermediate_size: number;
  readonly hidden_act: "gelu" | "gelu_new" | "relu";
  readonly max_position_embeddings: number;
  readonly layer_norm_eps: number;
}

/** The schema of a ${title} \`config.json\`. Options that the forward pass does not have are refused by name. */
export const ${value}Config: StandardSchemaV1<unknown, ${type}> = z
  .looseObject({
    model_type: z.literal("${modelType}"),
    architectures: z.classNames,
    vocab_size: z.size.default(30522),
    hidden_size: z.size.default(768),
    num_hidden_layers: z.size.default(12),
    num_attention_heads: z.size.default(12),
    intermediate_size: z.size.default(3072),
    hidden_act: z.enum(["gelu", "gelu_new", "relu"]).default("gelu"),
    max_position_embeddings: z.size.default(512),
    layer_norm_eps: z.number().positive().default(1e-12),
  })
  .superRefine(headsDivide("hidden_size", "num_attention_heads"));
`;
}

function layoutFile({ modelType, className, value, type, title }: Names, norm: NormPlace): string {
  return `import type { Layout, Parameter } from "@ligo/core";
import {
  attentionSpaces,
  createLayout,
  embeddingTable,
  layerSpace,
  modelSpace,
  normLayer,
  ofClass,
  positionSpace,
  tokenSpace,
  transformerLayer,
  type TransformerLayerNames,
} from "@ligo/core/layout";
import type { ${type} } from "./config.js";

// TODO 2: the names on disk, \`{i}\` for the layer; \`ligo inspect <checkpoint>\` lists them.
const LAYER = "${modelType}.encoder.layer.{i}";

/** Parts of a layer. */
export const layerNames: TransformerLayerNames = {
  queryKeyValue: [
    \`\${LAYER}.attention.query\`,
    \`\${LAYER}.attention.key\`,
    \`\${LAYER}.attention.value\`,
  ],
  attentionOutput: \`\${LAYER}.attention.output\`,
  attentionNorm: \`\${LAYER}.attention_norm\`,
  mlpInput: \`\${LAYER}.mlp.input\`,
  mlpOutput: \`\${LAYER}.mlp.output\`,
  mlpNorm: \`\${LAYER}.mlp_norm\`,
};

/** Tables that are added up. */
export const embeddingNames: Readonly<Record<"word" | "position", string>> = {
  word: "${modelType}.embeddings.word_embeddings.weight",
  position: "${modelType}.embeddings.position_embeddings.weight",
};
export const finalNorm = "${modelType}.norm";

/** Parameters of a class beside the layers. TODO 3: every class that the original saves, and the parameters of its head. */
const HEADS: Readonly<Record<string, (config: ${type}) => readonly Parameter[]>> = {
  ${className}: () => [],
};

/** Classes this package reads, grows and writes. */
export const CLASSES: readonly string[] = Object.keys(HEADS);

/** The layout of a ${title} checkpoint: names and shapes as the original saves them. Throws \`config/unknown-class\`. */
export function ${value}Layout(config: ${type}, className: string): Layout {
  return createLayout({
    architecture: "${modelType}",
    className,
    spaces: {
      embed: modelSpace(config.hidden_size),
      ...attentionSpaces(config.hidden_size, config.num_attention_heads),
      mlp: layerSpace(config.intermediate_size),
      vocab: tokenSpace(config.vocab_size),
      position: positionSpace(config.max_position_embeddings),
    },
    stacks: { encoder: { layers: config.num_hidden_layers, norm: "${norm}" } },
    parameters: [
      embeddingTable(embeddingNames.word, "vocab"),
      embeddingTable(embeddingNames.position, "position"),
      ...transformerLayer(layerNames, { stack: "encoder", norm: "${norm}" }),
      ...normLayer(finalNorm, "embed"),
      ...ofClass(HEADS, className)(config),
    ],
    // TODO 4: other spellings (\`renames\`, \`splits\`) and buffers (\`drops\`) of older files.
    renames: [],
    drops: [],
  });
}
`;
}

function modelFile({ className, value, type, title }: Names, norm: NormPlace): string {
  return `import {
  activate,
  inputIds,
  normalise,
  paddingMask,
  perToken,
  textEmbeddings,
  tokenInputs,
  transformerStates,
  type Batch,
  type Model,
  type Parameters,
  type TransformerStackOptions,
} from "@ligo/nn";
import type * as tf from "@ligo/tfjs";
import type { ${type} } from "./config.js";
import { embeddingNames, finalNorm, layerNames } from "./layout.js";

/** The forward pass of ${title}. Activations are [batch * sequence, n] throughout. */
export function ${value}Model(config: ${type}, className: string): Model {
  const options: TransformerStackOptions = {
    names: layerNames,
    layers: config.num_hidden_layers,
    norm: "${norm}",
    heads: config.num_attention_heads,
    epsilon: config.layer_norm_eps,
    activation: (x) => activate(x, config.hidden_act),
  };
  /** Input of the first layer, then the output of every layer, each [batch * sequence, hidden]. */
  const states = (p: Parameters, given: Batch): readonly tf.Tensor2D[] => {
    const [batch, sequence] = inputIds(given).shape;
    const seen = given["attention_mask"] as tf.Tensor2D | undefined;
    return transformerStates(p, textEmbeddings(p, embeddingNames, given), options, {
      batch,
      sequence,
      mask: seen && paddingMask(seen),
    });
  };
  const encode = (p: Parameters, batch: Batch): tf.Tensor2D =>
    normalise(p, finalNorm, states(p, batch).at(-1) as tf.Tensor2D, config.layer_norm_eps);
  const inputs = tokenInputs({
    vocabulary: config.vocab_size,
    positions: config.max_position_embeddings,
  });

  // TODO 5: outputs by the original's names, and the objectives of classes that can be trained.
  const models: Readonly<Record<string, Model>> = {
    ${className}: {
      inputs,
      outputSpaces: { last_hidden_state: "embed" },
      forward: (p, batch) => ({ last_hidden_state: perToken(encode(p, batch), batch) }),
      hiddenStates: (p, batch) => ({ encoder: states(p, batch) }),
      objectives: {},
    },
  };
  return models[className] as Model;
}
`;
}

function indexFile({ modelType, value, type, title }: Names): string {
  return `import { defineArchitecture, type Architecture } from "@ligo/core";
import type { ModelFactory } from "@ligo/nn";
import { ${value}Config, type ${type} } from "./config.js";
import { CLASSES, ${value}Layout } from "./layout.js";

/** ${title} as the original implementation saves it. */
export const ${value}: Architecture<${type}> = defineArchitecture({
  specVersion: "v1",
  modelTypes: ["${modelType}"],
  architectures: CLASSES,
  config: ${value}Config,
  functionKeys: ["hidden_act", "layer_norm_eps"],
  normEpsilon: "layer_norm_eps",
  layout: ${value}Layout,
  model: async (): Promise<ModelFactory<${type}>> => (await import("./model.js")).${value}Model,
});

export type { ${type} };
`;
}
