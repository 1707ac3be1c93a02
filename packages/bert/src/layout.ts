import {
  ConfigError,
  type Axis,
  type Layout,
  type Parameter,
  type Role,
  type Space,
} from "@ligo/core";
import { labelCount, type BertConfig } from "./config.js";

/** Hugging Face classes this package reads, grows and writes. */
export const BERT_CLASSES = [
  "BertForMaskedLM",
  "BertForPreTraining",
  "BertForSequenceClassification",
  "BertModel",
] as const;

const LAYER = "bert.encoder.layer.{i}";
const TABLE = "bert.embeddings.word_embeddings.weight";
const DECODER = "cls.predictions.decoder";

const axis = (space: string, role: Role): Axis => ({ space, role });

/** A linear layer [out, in] and its bias [out]. */
function linear(name: string, out: Axis, input: Axis, stack?: string): Parameter[] {
  const inStack = stack === undefined ? {} : { stack };
  return [
    { name: `${name}.weight`, axes: [out, input], initial: "normal", decay: true, ...inStack },
    { name: `${name}.bias`, axes: [out], initial: "zeros", decay: false, ...inStack },
  ];
}

/** A layer norm over a space; `readout` marks the last norm before a tied head. */
function norm(name: string, space: string, stack?: string, readout = false): Parameter[] {
  const extra = {
    ...(stack === undefined ? {} : { stack }),
    ...(readout ? { readout: true as const } : {}),
  };
  return [
    {
      name: `${name}.weight`,
      axes: [axis(space, "elem")],
      initial: "ones",
      decay: false,
      ...extra,
    },
    { name: `${name}.bias`, axes: [axis(space, "elem")], initial: "zeros", decay: false, ...extra },
  ];
}

const table = (name: string, entries: string): Parameter => ({
  name,
  axes: [axis(entries, "fixed"), axis("embed", "out")],
  initial: "normal",
  decay: true,
});

function embeddings(): Parameter[] {
  return [
    table(TABLE, "vocab"),
    table("bert.embeddings.position_embeddings.weight", "position"),
    table("bert.embeddings.token_type_embeddings.weight", "type"),
    ...norm("bert.embeddings.LayerNorm", "embed"),
  ];
}

function encoder(): Parameter[] {
  const read = axis("embed", "in");
  const write = axis("embed", "out");
  return [
    ...["query", "key", "value"].flatMap((space) =>
      linear(`${LAYER}.attention.self.${space}`, axis(space, "out"), read, "encoder"),
    ),
    ...linear(`${LAYER}.attention.output.dense`, write, axis("value", "in"), "encoder"),
    ...norm(`${LAYER}.attention.output.LayerNorm`, "embed", "encoder"),
    ...linear(`${LAYER}.intermediate.dense`, axis("mlp", "out"), read, "encoder"),
    ...linear(`${LAYER}.output.dense`, write, axis("mlp", "in"), "encoder"),
    ...norm(`${LAYER}.output.LayerNorm`, "embed", "encoder"),
  ];
}

/** The masked-LM head. Tied: it works in the embedding space and reads the embedding table; untied: in a space of its own. */
function predictions(tied: boolean): Parameter[] {
  const space = tied ? "embed" : "head";
  const bias: Pick<Parameter, "axes" | "initial" | "decay"> = {
    axes: [axis("vocab", "fixed")],
    initial: "zeros",
    decay: false,
  };
  const head = [
    ...linear("cls.predictions.transform.dense", axis(space, "out"), axis("embed", "in")),
    ...norm("cls.predictions.transform.LayerNorm", space, undefined, tied),
  ];
  const weight: Pick<Parameter, "axes" | "initial" | "decay"> = {
    axes: [axis("vocab", "fixed"), axis(space, "in")],
    initial: "normal",
    decay: true,
  };
  if (tied) {
    return [
      ...head,
      { name: "cls.predictions.bias", ...bias },
      { name: `${DECODER}.weight`, ...weight, tiedTo: TABLE },
      { name: `${DECODER}.bias`, ...bias, tiedTo: "cls.predictions.bias" },
    ];
  }
  // transformers 4 saves an untied head's bias as cls.predictions.bias alone, version 5 reads decoder.bias: write both.
  return [
    ...head,
    { name: `${DECODER}.weight`, ...weight },
    { name: `${DECODER}.bias`, ...bias, aliases: ["cls.predictions.bias"] },
    { name: "cls.predictions.bias", ...bias, mirrorOf: `${DECODER}.bias` },
  ];
}

const pooler = (): Parameter[] =>
  linear("bert.pooler.dense", axis("pooler", "out"), axis("embed", "in"));

const HEADS: Readonly<
  Record<
    string,
    {
      readonly parameters: (tied: boolean) => Parameter[];
      readonly labels?: (config: BertConfig) => number;
    }
  >
> = {
  BertModel: { parameters: pooler },
  BertForMaskedLM: { parameters: predictions },
  BertForPreTraining: {
    parameters: (tied) => [
      ...pooler(),
      ...predictions(tied),
      ...linear("cls.seq_relationship", axis("label", "fixed"), axis("pooler", "in")),
    ],
    labels: () => 2,
  },
  BertForSequenceClassification: {
    parameters: () => [
      ...pooler(),
      ...linear("classifier", axis("label", "fixed"), axis("pooler", "in")),
    ],
    labels: labelCount,
  },
};

/**
 * The layout of a BERT checkpoint: names and shapes as Hugging Face's `save_pretrained` writes them. Throws
 * `config/unknown-class`.
 */
export function bertLayout(config: BertConfig, className: string): Layout {
  const head = HEADS[className];
  if (!head) {
    throw new ConfigError(
      "config/unknown-class",
      `BERT has no class ${className}; choose one of ${BERT_CLASSES.join(", ")}.`,
      {
        expected: BERT_CLASSES.join(", "),
        actual: className,
      },
    );
  }
  const unit = config.hidden_size / config.num_attention_heads;
  const grown = (size: number, scope: Space["scope"], extra: Partial<Space> = {}): Space => ({
    size,
    grows: true,
    scope,
    ...extra,
  });
  const fixed = (size: number): Space => ({ size, grows: false, scope: "model" });
  const parameters = [
    ...embeddings(),
    ...encoder(),
    ...head.parameters(config.tie_word_embeddings),
  ];
  const spaces: Record<string, Space> = {
    embed: grown(config.hidden_size, "model"),
    query: grown(config.hidden_size, "layer", { unit, pairedWith: "key" }),
    key: grown(config.hidden_size, "layer", { unit }),
    value: grown(config.hidden_size, "layer", { unit }),
    mlp: grown(config.intermediate_size, "layer"),
    head: grown(config.hidden_size, "model"),
    pooler: grown(config.hidden_size, "model"),
    vocab: fixed(config.vocab_size),
    position: fixed(config.max_position_embeddings),
    type: fixed(config.type_vocab_size),
    ...(head.labels ? { label: fixed(head.labels(config)) } : {}),
  };
  const used = new Set(parameters.flatMap(({ axes }) => axes.map(({ space }) => space as string)));
  return {
    architecture: "bert",
    className,
    spaces: Object.fromEntries(Object.entries(spaces).filter(([name]) => used.has(name))),
    stacks: { encoder: { layers: config.num_hidden_layers, norm: "post" } },
    parameters,
    renames: [
      { pattern: "\\bLayerNorm\\.gamma$", replacement: "LayerNorm.weight" },
      { pattern: "\\bLayerNorm\\.beta$", replacement: "LayerNorm.bias" },
      { pattern: "^(?=embeddings\\.|encoder\\.|pooler\\.)", replacement: "bert." },
    ],
    drops: [
      "^bert\\.embeddings\\.position_ids$",
      // the original releases keep pooler and next-sentence head beside a masked-LM head
      ...(parameters.some(({ name }) => name.startsWith("bert.pooler"))
        ? []
        : ["^bert\\.pooler\\."]),
      ...(className === "BertForPreTraining" ? [] : ["^cls\\.seq_relationship\\."]),
      ...(parameters.some(({ name }) => name.startsWith("cls.predictions"))
        ? []
        : ["^cls\\.predictions\\."]),
    ],
    ...(className === "BertModel" ? { strippedPrefix: "bert." } : {}),
  };
}
