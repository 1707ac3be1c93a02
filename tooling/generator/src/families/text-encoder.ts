import type { Names, Scaffold } from "../scaffold.js";

/** An encoder of text: a relative of BERT, of the family's config, layout and forward pass. */
export const textEncoderScaffold: Scaffold = {
  classes: ["ForMaskedLM", "ForQuestionAnswering", "ForSequenceClassification", "Model"],
  tiny: {
    vocab_size: 30,
    hidden_size: 16,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    intermediate_size: 32,
  },
  sources: { config: configFile, layout: layoutFile, model: modelFile, index: indexFile },
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
      type_vocab_size: fixed(1, 3),
      num_labels: fixed(1, 4),
    };`,
  },
};

function configFile({ modelType, title, type, value }: Names): string {
  return `import type { StandardSchemaV1 } from "@ligo/core";
import { textEncoderConfig, type TextEncoderConfig } from "@ligo/core/layout";

/** Keys of a ${title} \`config.json\` that LiGO reads, defaults filled in; every other key is kept as it is. */
export type ${type} = TextEncoderConfig;

/** The schema of a ${title} \`config.json\`. */
export const ${value}Config: StandardSchemaV1<unknown, ${type}> = textEncoderConfig("${modelType}", {
  name: "${title}",
  // TODO 1: the defaults of the original's config class; keys of its own are refused or read by a schema around this one.
  vocabulary: 30_522,
});
`;
}

function layoutFile({ modelType, prefix, title, type, value }: Names): string {
  return `import type { Layout } from "@ligo/core";
import {
  ofClass,
  textEncoderLayout,
  textEncoderNames,
  type TextEncoderClass,
  type TextEncoderNames,
} from "@ligo/core/layout";
import type { ${type} } from "./config.js";

/**
 * The names of ${title}'s parts, of layout and forward pass alike. TODO 2: where they are not BERT's; \`ligo inspect
 * <checkpoint>\` lists them.
 */
export const ${value}Names: TextEncoderNames = textEncoderNames("${modelType}", {
  dense: "cls.predictions.transform.dense",
  norm: "cls.predictions.transform.LayerNorm",
  decoder: "cls.predictions.decoder",
  bias: "cls.predictions.bias",
});

const { pooler: pooled } = ${value}Names;

/** Parts of a class beside the encoder. TODO 3: every class that the original saves. */
const HEADS: Readonly<Record<string, TextEncoderClass>> = {
  ${prefix}ForMaskedLM: { predictions: true },
  ${prefix}ForQuestionAnswering: { answers: true },
  ${prefix}ForSequenceClassification: { pooled, labels: "classifier" },
  ${prefix}Model: { pooled, bare: true },
};

/** Hugging Face classes this package reads, grows and writes. */
export const CLASSES: readonly string[] = Object.keys(HEADS);

/** The layout of a ${title} checkpoint: names and shapes as the original saves them. Throws \`config/unknown-class\`. */
export function ${value}Layout(config: ${type}, className: string): Layout {
  return textEncoderLayout(config, className, ${value}Names, ofClass(HEADS, className), {
    // TODO 4: other spellings (\`renames\`) and buffers of older files, and parts that a class's file may hold and does not use.
    buffers: [],
    optional: ["${modelType}.pooler.", "cls.predictions."],
  });
}
`;
}

function modelFile({ prefix, title, type, value }: Names): string {
  return `import { ofClass } from "@ligo/core/layout";
import { project, textEncoder, type Model } from "@ligo/nn";
import type { ${type} } from "./config.js";
import { ${value}Names } from "./layout.js";

/** The forward pass of ${title}. */
export function ${value}Model(config: ${type}, className: string): Model {
  const encoder = textEncoder(config, ${value}Names);
  // TODO 5: the heads of the original's classes, and what is computed otherwise than in BERT (\`TextEncoderOptions\`).
  const models: Readonly<Record<string, () => Model>> = {
    ${prefix}ForMaskedLM: encoder.maskedLm,
    ${prefix}ForQuestionAnswering: encoder.questionAnswering,
    ${prefix}ForSequenceClassification: () =>
      encoder.classifier((p, first) =>
        project(p, "classifier", encoder.headDropout(p, encoder.pool(p, ${value}Names.pooler, first))),
      ),
    ${prefix}Model: encoder.bare,
  };
  return ofClass(models, className)();
}
`;
}

function indexFile({ modelType, title, type, value }: Names): string {
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
  functionKeys: ["hidden_act", "layer_norm_eps", "tie_word_embeddings"],
  optionalParts: { add_pooling_layer: "pooler." },
  normEpsilon: "layer_norm_eps",
  layout: ${value}Layout,
  model: async (): Promise<ModelFactory<${type}>> => (await import("./model.js")).${value}Model,
});

export type { ${type} };
`;
}
