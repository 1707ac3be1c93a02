import type { Names, Scaffold } from "../scaffold.js";

/** A decoder of text: a relative of Llama, of the family's config, layout and forward pass. */
export const decoderScaffold: Scaffold = {
  classes: ["ForCausalLM", "ForSequenceClassification", "Model"],
  tiny: {
    vocab_size: 30,
    hidden_size: 16,
    num_hidden_layers: 1,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    intermediate_size: 32,
  },
  sources: { config: configFile, layout: layoutFile, model: modelFile, index: indexFile },
  sizes: {
    wider: ["hidden_size", "num_attention_heads", "num_key_value_heads", "intermediate_size"],
    sizes: `const [keyValueHeads, group] = [growing(1, 2), growing(1, 3)];
    return {
      vocab_size: fixed(2, 9),
      hidden_size: keyValueHeads * group * growing(1, 3),
      num_hidden_layers: growing(1, 3),
      num_attention_heads: keyValueHeads * group,
      num_key_value_heads: keyValueHeads,
      head_dim: 2 * growing(1, 3),
      intermediate_size: growing(1, 9),
      num_labels: fixed(1, 4),
    };`,
  },
};

function configFile({ modelType, title, type, value }: Names): string {
  return `import type { StandardSchemaV1 } from "@ligo/core";
import { decoderConfig, type DecoderConfig } from "@ligo/core/layout";

/** Keys of a ${title} \`config.json\` that LiGO reads, defaults filled in; every other key is kept as it is. */
export type ${type} = DecoderConfig;

/** The schema of a ${title} \`config.json\`. */
export const ${value}Config: StandardSchemaV1<unknown, ${type}> = decoderConfig("${modelType}", {
  // TODO 1: the defaults of the original's config class; keys of its own are refused or read by a schema around this one.
  vocab_size: 32_000,
  hidden_size: 4096,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  intermediate_size: 11_008,
  max_position_embeddings: 2048,
  headsDivide: true,
});
`;
}

function layoutFile({ prefix, title, type, value }: Names): string {
  return `import type { Layout } from "@ligo/core";
import {
  decoderClasses,
  decoderLayout,
  decoderNames,
  type DecoderClass,
  type DecoderNames,
} from "@ligo/core/layout";
import type { ${type} } from "./config.js";

/**
 * The names of ${title}'s parts, of layout and forward pass alike. TODO 2: where they are not Llama's; \`ligo inspect
 * <checkpoint>\` lists them. Norms of heads, and of what branches add, are there where they have names.
 */
export const ${value}Names: DecoderNames = decoderNames;

/** Hugging Face classes this package reads, grows and writes. TODO 3: every class that the original saves. */
export const ${value}Classes: Readonly<Record<string, DecoderClass>> = decoderClasses("${prefix}");

/** The layout of a ${title} checkpoint: names and shapes as the original saves them. */
export function ${value}Layout(config: ${type}, className: string, kind: DecoderClass): Layout {
  // TODO 4: what is stored otherwise than Llama's: biases, gains less one, a scale of the embeddings, kinds of layers; spellings of
  // older files.
  return decoderLayout(config, className, kind, { names: ${value}Names });
}
`;
}

function modelFile({ title, type, value }: Names): string {
  return `import type { DecoderClass } from "@ligo/core/layout";
import { decoder, type Model } from "@ligo/nn";
import type { ${type} } from "./config.js";
import { ${value}Names } from "./layout.js";

/** The forward pass of ${title}. */
export function ${value}Model(config: ${type}, kind: DecoderClass): Model {
  // TODO 5: what is computed otherwise than in Llama: \`DecoderOptions\` has the choices of its relatives.
  return decoder(config, kind, { names: ${value}Names });
}
`;
}

function indexFile({ modelType, title, type, value }: Names): string {
  return `import type { Architecture } from "@ligo/core";
import { decoderArchitecture } from "@ligo/core/layout";
import { ${value}Config, type ${type} } from "./config.js";
import { ${value}Classes, ${value}Layout } from "./layout.js";

/** ${title} as the original implementation saves it. */
export const ${value}: Architecture<${type}> = decoderArchitecture({
  modelTypes: ["${modelType}"],
  classes: ${value}Classes,
  config: ${value}Config,
  functionKeys: ["hidden_act"],
  layout: ${value}Layout,
  model: async () => (await import("./model.js")).${value}Model,
});

export type { ${type} };
`;
}
