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
  fillLayer,
  fixedSpace,
  groupedAttentionSpaces,
  inStack,
  layerSpace,
  linearLayer,
  modelSpace,
  normLayer,
  parameter,
  rotarySpeeds,
} from "@ligo/core/layout";
import * as z from "@ligo/core/zod";
import {
  activate,
  asTensor,
  attention,
  causalLanguageModelling,
  causalMask,
  dense,
  embedding,
  inputIds,
  perToken,
  project,
  tokenInputs,
  tokenLabels,
  type Batch,
  type Model,
  type Parameters,
} from "@ligo/nn";
import * as tf from "@tensorflow/tfjs";

/**
 * A made-up decoder with all that today's models have: query heads that share keys and values, head sizes of their own, rotary
 * embeddings, RMS norms, norms of queries and keys, a gated MLP. Written plainly, for forward passes that growths are told by.
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
    ...(base > 0 ? { rotary: [rotarySpeeds({ channels: headSize, base })] } : {}),
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

/** x [..., n] by the root of its mean square, times a gain [n]. */
function rms(p: Parameters, name: string, x: tf.Tensor, epsilon: number): tf.Tensor {
  const gain = asTensor(p.get(`${name}.weight`));
  return x.mul(x.square().mean(-1, true).add(epsilon).rsqrt()).mul(gain);
}

/** Turns the pairs (i, i + n / 2) of x [batch * sequence, heads, n]. */
function turned(x: tf.Tensor, sequence: number, base: number): tf.Tensor {
  const [rows = 0, , n = 0] = x.shape;
  const speeds = rotarySpeeds({ channels: n, base });
  const table = (of: (angle: number) => number): tf.Tensor =>
    tf.tensor(
      Array.from({ length: rows }, (_, row) => [
        [...speeds, ...speeds].map((speed) => of((row % sequence) * speed)),
      ]),
    );
  const [first, second] = tf.split(x, 2, 2) as [tf.Tensor, tf.Tensor];
  const crossed = tf.concat([second.neg(), first], 2);
  return x.mul(table(Math.cos)).add(crossed.mul(table(Math.sin)));
}

function groupedModel(config: GroupedConfig): Model {
  const { head_dim: n, norm_eps: epsilon, num_attention_heads: heads } = config;
  const owners = config.num_key_value_heads;
  const attend = (p: Parameters, i: number, x: tf.Tensor2D, batch: Batch): tf.Tensor2D => {
    const [texts, sequence] = inputIds(batch).shape;
    const name = (part: string): string => fillLayer(layer(part), i);
    const make = (part: string, count: number): tf.Tensor => {
      let made: tf.Tensor = project(p, name(part), x).reshape([-1, count, n]);
      if (config.head_norms && part !== "v") made = rms(p, name(`${part}_norm`), made, epsilon);
      return config.rope_theta > 0 && part !== "v"
        ? turned(made, sequence, config.rope_theta)
        : made;
    };
    const shared = (part: string): tf.Tensor2D =>
      make(part, owners)
        .reshape([-1, owners, 1, n])
        .mul(tf.ones([1, 1, heads / owners, 1]))
        .reshape([-1, heads * n]);
    const q = make("q", heads).reshape<tf.Tensor2D>([-1, heads * n]);
    const shape = { batch: texts, sequence, heads };
    const context = attention(q, shared("k"), shared("v"), shape, causalMask(sequence));
    return project(p, name("o"), context);
  };
  const mlp = (p: Parameters, i: number, x: tf.Tensor2D): tf.Tensor2D => {
    const part = (one: string): string => fillLayer(layer(one), i);
    const gate = activate(project(p, part("gate"), x), "silu");
    return project(p, part("down"), gate.mul(project(p, part("up"), x)));
  };
  const predict = (p: Parameters, batch: Batch): tf.Tensor2D => {
    let x = embedding(inputIds(batch).flatten(), p.get(TABLE));
    const norm = (name: string, i = 0): tf.Tensor2D =>
      rms(p, fillLayer(name, i), x, epsilon) as tf.Tensor2D;
    for (let i = 0; i < config.num_hidden_layers; i++) {
      x = x.add(attend(p, i, norm(layer("norm_1"), i), batch));
      x = x.add(mlp(p, i, norm(layer("norm_2"), i)));
    }
    return dense(norm("norm"), p.get(config.tie_word_embeddings ? TABLE : "head.weight"));
  };
  const sizes = { vocabulary: config.vocab_size, positions: 100 };
  return {
    inputs: { ...tokenInputs(sizes), ...tokenLabels(sizes) },
    forward: (p, batch) => ({ logits: perToken(predict(p, batch), batch) }),
    objectives: { "causal-lm": causalLanguageModelling(predict) },
  };
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
