import type { Layout, Parameter } from "@ligo/core";
import {
  absentParts,
  attentionSpaces,
  axis,
  createLayout,
  embeddingTable,
  fixedSpace,
  inStack,
  labelCount,
  layerSpace,
  linearLayer,
  modelSpace,
  normLayer,
  ofClass,
  rotaryFrequencies,
  type TransformerLayerNames,
  tokenSpace,
} from "@ligo/core/layout";
import { rotaryOf, typesOf, type ModernBertConfig } from "./config.js";

const LAYER = "model.layers.{i}";

/** Parts of a layer. The first one has no norm before attention. */
export const layerNames: TransformerLayerNames = {
  queryKeyValue: [`${LAYER}.attn.Wqkv`],
  attentionOutput: `${LAYER}.attn.Wo`,
  attentionNorm: `${LAYER}.attn_norm`,
  mlpInput: `${LAYER}.mlp.Wi`,
  mlpOutput: `${LAYER}.mlp.Wo`,
  mlpNorm: `${LAYER}.mlp_norm`,
};

export const wordTable = "model.embeddings.tok_embeddings.weight";
export const embeddingNorm = "model.embeddings.norm";
/** The norm after the last layer. */
export const finalNorm = "model.final_norm";
/** The linear layer and the norm before either readout. */
export const headNames: Readonly<Record<"dense" | "norm", string>> = {
  dense: "head.dense",
  norm: "head.norm",
};
export const languageHead = "decoder";
export const classHead = "classifier";

/** Readouts of a class. */
export type ModernBertClass = "masked-lm" | "classifier" | "bare";

const CLASSES: Readonly<Record<string, ModernBertClass>> = {
  ModernBertForMaskedLM: "masked-lm",
  ModernBertForSequenceClassification: "classifier",
  ModernBertModel: "bare",
};

/** Hugging Face classes this package reads, grows and writes. */
export const MODERNBERT_CLASSES: readonly string[] = Object.keys(CLASSES);

/** The readout of a class. Throws `config/unknown-class`. */
export const readoutOf = (className: string): ModernBertClass => ofClass(CLASSES, className);

function layerParameters(config: ModernBertConfig): readonly Parameter[] {
  const [read, write] = [axis("embed", "in"), axis("embed", "out")];
  const [attention, mlp] = [{ bias: config.attention_bias }, { bias: config.mlp_bias }];
  const norm = (name: string): readonly Parameter[] =>
    normLayer(name, "embed", { bias: config.norm_bias });
  const [heads = ""] = layerNames.queryKeyValue;
  return [
    ...norm(layerNames.attentionNorm).map((one) => ({ ...one, absentIn: [0] })),
    ...linearLayer(heads, axis(["query", "key", "value"], "out"), read, attention),
    ...linearLayer(layerNames.attentionOutput, write, axis("value", "in"), attention),
    ...norm(layerNames.mlpNorm),
    // what is activated, then what it is multiplied by
    ...linearLayer(layerNames.mlpInput, axis(["mlp", "mlp"], "out"), read, mlp),
    ...linearLayer(layerNames.mlpOutput, write, axis("mlp", "in"), mlp),
  ];
}

/** Parameters of a class behind the layers. Tied to the embeddings, a language model's head works in their space. */
function readout(config: ModernBertConfig, kind: ModernBertClass): readonly Parameter[] {
  if (kind === "bare") return [];
  const tied = kind === "masked-lm" && config.tie_word_embeddings;
  const space = tied ? "embed" : "head";
  const head = [
    ...linearLayer(headNames.dense, axis(space, "out"), axis("embed", "in"), {
      bias: config.classifier_bias,
    }),
    ...normLayer(headNames.norm, space, { bias: config.norm_bias, readout: tied }),
  ];
  const read = axis(space, "in");
  if (kind === "classifier")
    return [...head, ...linearLayer(classHead, axis("label", "fixed"), read)];
  const [weight, ...bias] = linearLayer(languageHead, axis("vocab", "fixed"), read, {
    bias: config.decoder_bias,
  });
  const own = weight === undefined ? [] : [{ ...weight, ...(tied ? { tiedTo: wordTable } : {}) }];
  return [...head, ...own, ...bias];
}

/**
 * The layout of a ModernBERT checkpoint: names and shapes as Hugging Face's `save_pretrained` writes them. Throws
 * `config/unknown-class`.
 */
export function modernBertLayout(config: ModernBertConfig, className: string): Layout {
  const kind = readoutOf(className);
  const parameters = [
    embeddingTable(wordTable, "vocab"),
    ...normLayer(embeddingNorm, "embed", { bias: config.norm_bias }),
    ...inStack("encoder", layerParameters(config)),
    ...normLayer(finalNorm, "embed", { bias: config.norm_bias }),
    ...readout(config, kind),
  ];
  const { hidden_size: width, num_attention_heads: heads } = config;
  const rotary = rotaryOf(config);
  const full = rotaryFrequencies(rotary.full_attention);
  const local = rotaryFrequencies(rotary.sliding_attention);
  return createLayout({
    architecture: "modernbert",
    className,
    spaces: {
      embed: modelSpace(width),
      // cosines and sines that are scaled scale queries and keys
      ...attentionSpaces(width, heads, {
        rotary: [full.inverse, local.inverse],
        scale: full.factor ** 2 * Math.sqrt(heads / width),
      }),
      mlp: layerSpace(config.intermediate_size),
      head: modelSpace(width),
      vocab: tokenSpace(config.vocab_size),
      label: fixedSpace(labelCount(config)),
    },
    stacks: {
      encoder: { layers: config.num_hidden_layers, norm: "pre", kinds: typesOf(config) },
    },
    parameters,
    renames: [{ pattern: "^(?=embeddings\\.|layers\\.|final_norm\\.)", replacement: "model." }],
    drops: absentParts(parameters, ["head.", `${languageHead}.`, `${classHead}.`]),
    ...(kind === "bare" ? { strippedPrefix: "model." } : {}),
  });
}
