import {
  defineArchitecture,
  type Architecture,
  type Layout,
  type Parameter,
  type Space,
  type StandardSchemaV1,
} from "@ligo/core";
import {
  axis,
  createLayout,
  embeddingTable,
  fixedSpace,
  groupedAttentionSpaces,
  inStack,
  layerSpace,
  linearLayer,
  modelSpace,
  normLayer,
  parameter,
  rotaryFrequencies,
} from "@ligo/core/layout";
import * as z from "@ligo/core/zod";
import { activate, decoder, type Model } from "@ligo/nn";

/**
 * A made-up decoder with all that today's models have: query heads that share keys and values, head sizes of their own, rotary
 * embeddings, RMS norms, norms of queries and keys, a gated MLP.
 */
export interface GroupedConfig {
  readonly [key: string]: unknown;
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads: number;
  readonly head_dim: number;
  readonly intermediate_size: number;
  readonly norm_eps: number;
  readonly tie_word_embeddings: boolean;
  /** 0: nothing turns. */
  readonly rope_theta: number;
  /** Norms of queries and keys. */
  readonly head_norms: boolean;
}

const size: z.ZodNumber = z.number().int().positive();
const groupedConfig: StandardSchemaV1<unknown, GroupedConfig> = z.looseObject({
  model_type: z.literal("grouped"),
  vocab_size: size,
  hidden_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size,
  head_dim: size,
  intermediate_size: size,
  norm_eps: z.number().positive().default(1e-3),
  tie_word_embeddings: z.boolean().default(true),
  rope_theta: z.number().min(0).default(0),
  head_norms: z.boolean().default(false),
});

const TABLE = "embed.weight";
const layer = (name: string): string => `layers.{i}.${name}`;

function headSpaces(config: GroupedConfig): Readonly<Record<string, Space>> {
  const { head_dim: headSize, rope_theta: base } = config;
  const spaces = groupedAttentionSpaces({
    heads: config.num_attention_heads,
    keyValueHeads: config.num_key_value_heads,
    headSize,
    ...(base > 0 ? { rotary: [rotaryFrequencies({ channels: headSize, base }).inverse] } : {}),
  });
  return config.head_norms ? withHeadNorms(spaces) : spaces;
}

function withHeadNorms({
  query,
  key,
  ...others
}: ReturnType<typeof groupedAttentionSpaces>): Readonly<Record<string, Space>> {
  const { pairing, ...plain } = query;
  const channels = query.factors?.slice(-1) ?? [];
  const channel: Space = { ...layerSpace(channels[0]?.size ?? 0), factors: channels };
  return {
    ...others,
    query: { ...plain, normedBy: "queryChannel" },
    key: { ...key, normedBy: "keyChannel" },
    queryChannel: { ...channel, ...(pairing && { pairing: { ...pairing, with: "keyChannel" } }) },
    keyChannel: channel,
  };
}

function groupedLayout(config: GroupedConfig): Layout {
  const [read, write] = [axis("embed", "in"), axis("embed", "out")];
  const plain = { bias: false };
  const tied = config.tie_word_embeddings;
  const norm = (name: string, space = "embed", readout = false): readonly Parameter[] =>
    normLayer(name, space, { kind: "rms", readout });
  return createLayout({
    architecture: "grouped",
    className: "GroupedForCausalLM",
    spaces: {
      embed: modelSpace(config.hidden_size),
      ...headSpaces(config),
      mlp: layerSpace(config.intermediate_size),
      vocab: fixedSpace(config.vocab_size),
    },
    stacks: { layers: { layers: config.num_hidden_layers, norm: "pre" } },
    parameters: [
      embeddingTable(TABLE, "vocab"),
      ...inStack("layers", [
        ...norm(layer("norm_1")),
        ...linearLayer(layer("q"), axis("query", "out"), read),
        ...linearLayer(layer("k"), axis("key", "out"), read),
        ...linearLayer(layer("v"), axis("value", "out"), read, plain),
        ...(config.head_norms
          ? [...norm(layer("q_norm"), "queryChannel"), ...norm(layer("k_norm"), "keyChannel")]
          : []),
        ...linearLayer(layer("o"), write, axis("context", "in"), plain),
        ...norm(layer("norm_2")),
        ...linearLayer(layer("gate"), axis("mlp", "out"), read, plain),
        ...linearLayer(layer("up"), axis("mlp", "out"), read, plain),
        ...linearLayer(layer("down"), write, axis("mlp", "in"), plain),
      ]),
      ...norm("norm", "embed", tied),
      parameter("head.weight", [axis("vocab", "fixed"), read], tied ? { tiedTo: TABLE } : {}),
    ],
  });
}

function groupedModel(config: GroupedConfig): Model {
  const { rope_theta: base, head_dim: channels } = config;
  const norms = config.head_norms ? { queryNorm: layer("q_norm"), keyNorm: layer("k_norm") } : {};
  const still = { inverse: Array.from({ length: channels / 2 }, () => 0), factor: 1 };
  const speeds = base > 0 ? rotaryFrequencies({ channels, base }) : still;
  const { causalLm } = decoder({
    names: {
      layer: {
        query: layer("q"),
        key: layer("k"),
        value: layer("v"),
        output: layer("o"),
        gate: layer("gate"),
        up: layer("up"),
        down: layer("down"),
        attentionNorm: layer("norm_1"),
        mlpNorm: layer("norm_2"),
        ...norms,
      },
      embedding: TABLE,
      finalNorm: "norm",
      head: config.tie_word_embeddings ? TABLE : "head.weight",
      classHead: "none",
    },
    layers: config.num_hidden_layers,
    vocabulary: config.vocab_size,
    positions: 100,
    heads: config.num_attention_heads,
    keyValueHeads: config.num_key_value_heads,
    norm: { epsilon: config.norm_eps },
    activation: (x) => activate(x, "silu"),
    rotary: () => speeds,
    scale: 1 / Math.sqrt(channels),
    padding: undefined,
  });
  return causalLm();
}

export const grouped: Architecture<GroupedConfig> = defineArchitecture({
  specVersion: "v1",
  modelTypes: ["grouped"],
  architectures: ["GroupedForCausalLM"],
  config: groupedConfig,
  functionKeys: ["tie_word_embeddings", "rope_theta", "head_norms"],
  normEpsilon: "norm_eps",
  layout: groupedLayout,
  model: async () => groupedModel,
});
