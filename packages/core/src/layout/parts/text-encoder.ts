import { labelCount } from "../config-fields.js";
import type { Layout, Parameter, Rename, StoredBuffer } from "../layout.js";
import {
  textPositions,
  type FirstPosition,
  type TextEncoderConfig,
} from "../text-encoder-config.js";
import { absentParts, createLayout } from "./create-layout.js";
import { maskedLmHead, type MaskedLmHeadNames } from "./masked-lm-head.js";
import { axis, embeddingTable, linearLayer, normLayer } from "./parameters.js";
import {
  attentionSpaces,
  fixedSpace,
  layerSpace,
  modelSpace,
  positionSpace,
  tokenSpace,
} from "./spaces.js";
import { transformerLayer, type TransformerLayerNames } from "./transformer-layer.js";

/** The names of a text encoder's parts; tables in full, layers without `.weight` and `.bias`. */
export interface TextEncoderNames {
  /** Tables that are added up. */
  readonly embeddings: Readonly<Record<"word" | "position" | "type", string>>;
  /** Norm of their sum. */
  readonly embeddingNorm: string;
  readonly layer: TransformerLayerNames;
  /** Linear layer on the first token of a bare model. */
  readonly pooler: string;
  /** The masked-LM head. */
  readonly predictions: MaskedLmHeadNames;
  /** Linear layer from every token to start and end of an answer. */
  readonly answers: string;
}

/** The names of Hugging Face's BERT (`prefix` "bert") and its relatives, with those of its masked-LM head. */
export function textEncoderNames(prefix: string, predictions: MaskedLmHeadNames): TextEncoderNames {
  const embeddings = `${prefix}.embeddings`;
  const layer = `${prefix}.encoder.layer.{i}`;
  return {
    embeddings: {
      word: `${embeddings}.word_embeddings.weight`,
      position: `${embeddings}.position_embeddings.weight`,
      type: `${embeddings}.token_type_embeddings.weight`,
    },
    embeddingNorm: `${embeddings}.LayerNorm`,
    layer: {
      queryKeyValue: [
        `${layer}.attention.self.query`,
        `${layer}.attention.self.key`,
        `${layer}.attention.self.value`,
      ],
      attentionOutput: `${layer}.attention.output.dense`,
      attentionNorm: `${layer}.attention.output.LayerNorm`,
      mlpInput: `${layer}.intermediate.dense`,
      mlpOutput: `${layer}.output.dense`,
      mlpNorm: `${layer}.output.LayerNorm`,
    },
    pooler: `${prefix}.pooler.dense`,
    predictions,
    answers: "qa_outputs",
  };
}

/** Parts of a class beside the encoder. */
export interface TextEncoderClass {
  /** Linear layer on the first token, by name: a pooler, or the first layer of a classifier. */
  readonly pooled?: string;
  /** The masked-LM head. */
  readonly predictions?: boolean;
  /** Linear layer from the pooled token to the labels, by name. */
  readonly labels?: string;
  /** Number of labels where the config does not say it. */
  readonly labelCount?: number;
  /** Start and end of an answer. */
  readonly answers?: boolean;
  /** The bare model: its names have no prefix on disk. */
  readonly bare?: boolean;
}

/** Differences between the files of the family's members. */
export interface TextEncoderFiles {
  /** Further spellings that are read. */
  readonly renames?: readonly Rename[];
  /** Buffers that are dropped. */
  readonly buffers: readonly StoredBuffer[];
  /** Prefixes of parts that files hold though a class may lack them. */
  readonly optional: readonly string[];
  /** Default `zero`. */
  readonly firstPosition?: FirstPosition;
}

/**
 * The layout of a checkpoint of BERT or RoBERTa: names and shapes as Hugging Face's `save_pretrained` writes them. Read
 * are also norms called `gamma` and `beta`, and names without the prefix.
 */
export function textEncoderLayout(
  config: TextEncoderConfig,
  className: string,
  names: TextEncoderNames,
  one: TextEncoderClass,
  files: TextEncoderFiles,
): Layout {
  const prefix = config.model_type;
  const rowsBefore = config.max_position_embeddings - textPositions(config, files.firstPosition);
  const parameters = [
    embeddingTable(names.embeddings.word, "vocab"),
    embeddingTable(names.embeddings.position, "position"),
    embeddingTable(names.embeddings.type, "type"),
    ...normLayer(names.embeddingNorm, "embed"),
    ...transformerLayer(names.layer, { stack: "encoder", norm: "post" }),
    ...heads(config, names, one),
  ];
  return createLayout({
    architecture: prefix,
    className,
    spaces: {
      embed: modelSpace(config.hidden_size),
      ...attentionSpaces(config.hidden_size, config.num_attention_heads),
      mlp: layerSpace(config.intermediate_size),
      head: modelSpace(config.hidden_size),
      pooler: modelSpace(config.hidden_size),
      vocab: tokenSpace(config.vocab_size),
      position: positionSpace(config.max_position_embeddings, rowsBefore),
      type: fixedSpace(config.type_vocab_size),
      label: fixedSpace(one.labelCount ?? labelCount(config)),
    },
    stacks: { encoder: { layers: config.num_hidden_layers, norm: "post" } },
    parameters,
    renames: [
      { pattern: "\\bLayerNorm\\.gamma$", replacement: "LayerNorm.weight" },
      { pattern: "\\bLayerNorm\\.beta$", replacement: "LayerNorm.bias" },
      ...(files.renames ?? []),
      { pattern: "^(?=embeddings\\.|encoder\\.|pooler\\.)", replacement: `${prefix}.` },
    ],
    buffers: files.buffers,
    drops: absentParts(parameters, files.optional),
    ...(one.bare === true ? { strippedPrefix: `${prefix}.` } : {}),
  });
}

/** The parameters of a class beside the encoder. */
function heads(
  config: TextEncoderConfig,
  names: TextEncoderNames,
  { answers = false, bare = false, labels, pooled, predictions = false }: TextEncoderClass,
): readonly Parameter[] {
  const [embed, label] = [axis("embed", "in"), axis("label", "fixed")];
  const tied = config.tie_word_embeddings;
  const lacksPooler = bare && config.add_pooling_layer === false;
  return [
    ...(pooled === undefined || lacksPooler
      ? []
      : linearLayer(pooled, axis("pooler", "out"), embed)),
    ...(predictions ? maskedLmHead(names.predictions, { table: names.embeddings.word, tied }) : []),
    ...(labels === undefined ? [] : linearLayer(labels, label, axis("pooler", "in"))),
    ...(answers ? linearLayer(names.answers, label, embed) : []),
  ];
}
