import type { Names, Scaffold } from "../scaffold.js";

/** An encoder of images: a relative of ViT, of the family's config, layout and forward pass. */
export const visionScaffold: Scaffold = {
  classes: ["ForImageClassification", "Model", "ForMaskedImageModeling"],
  tiny: {
    image_size: 8,
    patch_size: 4,
    hidden_size: 16,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    intermediate_size: 32,
  },
  sources: { config: configFile, layout: layoutFile, model: modelFile, index: indexFile },
  sizes: {
    wider: ["hidden_size", "num_attention_heads", "intermediate_size"],
    widths: ["pooler_output_size"],
    sizes: `const [heads, headSize, patch] = [growing(1, 3), growing(1, 4), fixed(1, 3)];
    return {
      hidden_size: heads * headSize,
      num_hidden_layers: growing(1, 3),
      num_attention_heads: heads,
      intermediate_size: growing(1, 9),
      image_size: patch * fixed(1, 3),
      patch_size: patch,
      num_channels: fixed(1, 3),
      encoder_stride: fixed(1, 3),
      num_labels: fixed(1, 4),
    };`,
  },
};

function configFile({ title, type }: Names): string {
  return `import type { VisionConfig } from "@ligo/core/layout";

/**
 * Keys of a ${title} \`config.json\` that LiGO reads, as ViT has them. TODO 1: where the original has others, a schema of its own,
 * and \`defineArchitecture\` in the place of \`visionArchitecture\`.
 */
export type ${type} = VisionConfig;
`;
}

function layoutFile({ modelType, prefix, title, value }: Names): string {
  return `import {
  visionTransformerNames,
  type VisionClass,
  type VisionTransformerNames,
} from "@ligo/core/layout";

/**
 * The names of ${title}'s parts, of layout and forward pass alike. TODO 2: where they are not ViT's; \`ligo inspect <checkpoint>\` lists
 * them. TODO 4: spellings of other files; those of timm and of transformers 5 in memory are read.
 */
export const ${value}Names: VisionTransformerNames = visionTransformerNames("${modelType}");

/** Parts of a class beside the encoder. TODO 3: every class that the original saves. */
export const classes: Readonly<Record<string, VisionClass>> = {
  ${prefix}ForImageClassification: { classifiers: { classifier: "head" } },
  ${prefix}Model: { bare: true },
  ${prefix}ForMaskedImageModeling: { masked: true },
};
`;
}

function modelFile({ prefix, title, type, value }: Names): string {
  return `import { ofClass } from "@ligo/core/layout";
import { visionTransformer, type Model } from "@ligo/nn";
import type { ${type} } from "./config.js";
import { ${value}Names } from "./layout.js";

/** The forward pass of ${title}. */
export function ${value}Model(config: ${type}, className: string): Model {
  const encoder = visionTransformer(config, ${value}Names);
  // TODO 5: the heads of the original's classes, and what is computed otherwise than in ViT.
  const models: Readonly<Record<string, () => Model>> = {
    ${prefix}ForImageClassification: () => encoder.classifier("classifier"),
    ${prefix}Model: encoder.bare,
    ${prefix}ForMaskedImageModeling: encoder.maskedImages,
  };
  return ofClass(models, className)();
}
`;
}

function indexFile({ modelType, title, type, value }: Names): string {
  return `import type { Architecture } from "@ligo/core";
import { visionArchitecture } from "@ligo/core/layout";
import type { ModelFactory } from "@ligo/nn";
import type { ${type} } from "./config.js";
import { classes, ${value}Names as names } from "./layout.js";

/** ${title} as the original implementation saves it. */
export const ${value}: Architecture<${type}> = visionArchitecture({
  modelType: "${modelType}",
  classes,
  names,
  model: async (): Promise<ModelFactory<${type}>> => (await import("./model.js")).${value}Model,
});

export type { ${type} };
`;
}
