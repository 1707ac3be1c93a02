import {
  checkConfig,
  createRandom,
  defineArchitecture,
  type Architecture,
  type Layout,
  type Parameter,
  type StandardSchemaV1,
} from "@ligo/core";
import {
  absentParts,
  axis,
  createLayout,
  embeddingTable,
  fixedSpace,
  groupedAttentionSpaces,
  layerSpace,
  modelSpace,
  normLayer,
  ofClass,
  parameter,
  tokenSpace,
  transformerLayer,
  writtenTensors,
  type TransformerLayerNames,
} from "@ligo/core/layout";
import * as z from "@ligo/core/zod";
import {
  activate,
  dense,
  maskedLanguageModelling,
  gatherRows,
  inputIds,
  normalise,
  paddingMask,
  perToken,
  textEmbeddings,
  tokenInputs,
  tokenLabels,
  transformerStates,
  type Batch,
  type Model,
  type Parameters,
} from "@ligo/nn";
import { initialWeights } from "@ligo/train";
import type * as tf from "@ligo/tfjs";
import { type ArchitectureFixtures, type FixtureTensor, type FixtureTensors, type HeaderCase, type RecordedCheckpoint, renameTensors } from "../fixtures.js";
import {
  engines,
  layOut,
  makeModel,
  objectiveOf,
  ownedNames,
  readWeights,
  runForward,
  runGradients,
  withoutLabels,
} from "../models.js";
import { recordedMasks } from "../checks/dropout.js";

/**
 * A made-up architecture that has everything the kit looks at: pre-norm layers with a fused query-key-value layer, a head
 * that is tied or not, a copy of its bias that only the newest version saves, and a class without prefix.
 */
export interface ToyConfig {
  readonly [key: string]: unknown;
  readonly model_type: "toy";
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly num_key_value_heads: number;
  readonly intermediate_size: number;
  readonly max_position_embeddings: number;
  readonly tie_word_embeddings: boolean;
}

const size: z.ZodNumber = z.number().int().positive();
interface ToyKeys {
  readonly model_type: z.ZodLiteral<"toy">;
  readonly vocab_size: z.ZodNumber;
  readonly hidden_size: z.ZodNumber;
  readonly num_hidden_layers: z.ZodNumber;
  readonly num_attention_heads: z.ZodNumber;
  readonly intermediate_size: z.ZodNumber;
  readonly max_position_embeddings: z.ZodNumber;
  readonly tie_word_embeddings: z.ZodDefault<z.ZodBoolean>;
}

/** The keys the toy reads. */
export const toyKeys: ToyKeys = {
  model_type: z.literal("toy"),
  vocab_size: size,
  hidden_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  intermediate_size: size,
  max_position_embeddings: size,
  tie_word_embeddings: z.boolean().default(true),
};

const toyConfig: StandardSchemaV1<unknown, ToyConfig> = z
  .looseObject({ ...toyKeys, num_key_value_heads: size.optional() })
  .transform((config) => ({
    ...config,
    num_key_value_heads: config.num_key_value_heads ?? config.num_attention_heads,
  }));

const LAYER = "toy.h.{i}";
const toyNames: TransformerLayerNames = {
  queryKeyValue: [`${LAYER}.attn.qkv`],
  attentionOutput: `${LAYER}.attn.out`,
  attentionNorm: `${LAYER}.norm_1`,
  mlpInput: `${LAYER}.mlp.up`,
  mlpOutput: `${LAYER}.mlp.down`,
  mlpNorm: `${LAYER}.norm_2`,
};
const TABLE = "toy.wte.weight";
const POSITIONS = "toy.wpe.weight";

function head(tied: boolean): readonly Parameter[] {
  const entries = axis("vocab", "fixed");
  const bias = { initial: "zeros", decay: false } as const;
  return [
    parameter("head.weight", [entries, axis("embed", "in")], tied ? { tiedTo: TABLE } : {}),
    parameter("head.bias", [entries], bias),
    ...(tied ? [] : [parameter("head_bias", [entries], { ...bias, mirrorOf: "head.bias" })]),
  ];
}

const HEADS: Readonly<Record<string, (config: ToyConfig) => readonly Parameter[]>> = {
  ToyForMaskedLM: (config) => head(config.tie_word_embeddings),
  ToyModel: () => [],
};

export function toyLayout(config: ToyConfig, className: string): Layout {
  const { hidden_size: hidden, num_attention_heads: heads } = config;
  const classParameters = ofClass(HEADS, className)(config);
  const tied = classParameters.some(({ tiedTo }) => tiedTo !== undefined);
  return createLayout({
    architecture: "toy",
    className,
    spaces: {
      embed: modelSpace(hidden),
      ...groupedAttentionSpaces({
        heads,
        keyValueHeads: config.num_key_value_heads,
        headSize: hidden / heads,
      }),
      mlp: layerSpace(config.intermediate_size),
      vocab: tokenSpace(config.vocab_size),
      position: fixedSpace(config.max_position_embeddings),
    },
    stacks: { h: { layers: config.num_hidden_layers, norm: "pre" } },
    parameters: [
      embeddingTable(TABLE, "vocab"),
      embeddingTable(POSITIONS, "position"),
      ...transformerLayer(toyNames, { stack: "h", norm: "pre", context: "context" }),
      ...normLayer("toy.norm", "embed", { readout: tied }),
      ...classParameters,
    ],
    renames: [
      { pattern: "\\bln_(?=[12]\\.\\w+$)", replacement: "norm_" },
      { pattern: "^(?=wte\\.|wpe\\.|h\\.|norm\\.)", replacement: "toy." },
    ],
    drops: ["^toy\\.buffer$", ...absentParts(classParameters, ["head."])],
    ...(className === "ToyModel" ? { strippedPrefix: "toy." } : {}),
  });
}

export function toyModel(config: ToyConfig, className: string): Model {
  const encode = (p: Parameters, batch: Batch): tf.Tensor2D => {
    const [rows, sequence] = inputIds(batch).shape;
    const seen = batch["attention_mask"] as tf.Tensor2D | undefined;
    const states = transformerStates(
      p,
      textEmbeddings(p, { word: TABLE, position: POSITIONS }, batch),
      {
        names: toyNames,
        layers: config.num_hidden_layers,
        norm: "pre",
        heads: config.num_attention_heads,
        keyValueHeads: config.num_key_value_heads,
        epsilon: 1e-5,
        activation: (x) => activate(x, "gelu"),
        dropout: { attention: Number(config["dropout"] ?? 0), branch: Number(config["dropout"] ?? 0) },
      },
      { batch: rows, sequence, mask: seen && paddingMask(seen) },
    );
    return normalise(p, "toy.norm", states.at(-1) as tf.Tensor2D, 1e-5);
  };
  const predict = (p: Parameters, hidden: tf.Tensor2D): tf.Tensor2D =>
    dense(hidden, p.get(config.tie_word_embeddings ? TABLE : "head.weight"), p.get("head.bias"));
  const sizes = { vocabulary: config.vocab_size, positions: config.max_position_embeddings };
  if (className === "ToyModel") {
    return {
      inputs: tokenInputs(sizes),
      outputSpaces: { last_hidden_state: "embed" },
      forward: (p, batch) => ({ last_hidden_state: perToken(encode(p, batch), batch) }),
      objectives: {},
    };
  }
  return {
    inputs: { ...tokenInputs(sizes), ...tokenLabels(sizes) },
    forward: (p, batch) => ({ logits: perToken(predict(p, encode(p, batch)), batch) }),
    objectives: {
      "masked-lm": maskedLanguageModelling((p, batch, positions) => {
        const hidden = encode(p, batch);
        return predict(p, positions ? gatherRows(positions, hidden) : hidden);
      }),
    },
  };
}

export const toy: Architecture<ToyConfig> = defineArchitecture({
  specVersion: "v1",
  modelTypes: ["toy"],
  architectures: Object.keys(HEADS),
  config: toyConfig,
  functionKeys: ["tie_word_embeddings"],
  layout: toyLayout,
  model: async () => toyModel,
});

const sizes = {
  vocab_size: 11,
  hidden_size: 4,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  intermediate_size: 6,
  max_position_embeddings: 7,
};

/** Shapes that version 1.0.0 of the toy's imaginary library saves: `ln_` for `norm_`, no second name of the head's bias. */
function headerShapes(one: Omit<HeaderCase, "header">): Record<string, readonly number[]> {
  const raw = { model_type: "toy", ...sizes, tie_word_embeddings: one.tied };
  const layout = toyLayout(checkConfig(toy, raw), one.class);
  const written = writtenTensors(layout).map(({ name, shape }) => [name, shape] as const);
  if (one.version === "2.0.0") return Object.fromEntries(written);
  return Object.fromEntries(
    written
      .filter(([name]) => name !== "head_bias")
      .map(([name, shape]) => [name.replace("norm_", "ln_"), shape]),
  );
}

const headerCases = ["1.0.0", "2.0.0"].flatMap((version) =>
  toy.architectures.flatMap((className) =>
    [true, false].map((tied) => ({ version, class: className, tied })),
  ),
);

const integers = (shape: readonly number[], values: readonly number[]): FixtureTensor => ({
  shape,
  data: Int32Array.from(values),
});
const inputs: FixtureTensors = new Map([
  ["input_ids", integers([2, 5], [2, 5, 1, 4, 9, 7, 3, 2, 0, 0])],
  ["attention_mask", integers([2, 5], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0])],
  ["labels", integers([2, 5], [-100, 5, -100, 8, -100, 7, -100, 1, -100, -100])],
]);

/** A checkpoint of the toy, its expectations computed by the toy itself. */
async function record(tied: boolean): Promise<RecordedCheckpoint> {
  const config = {
    model_type: "toy",
    architectures: ["ToyForMaskedLM"],
    ...sizes,
    num_hidden_layers: 2,
    tie_word_embeddings: tied,
  };
  const laidOut = layOut(toy, config);
  const { layout } = laidOut;
  const random = createRandom(4);
  const start = initialWeights(layout, { seed: 3, deviation: 0.4 });
  const written = writtenTensors(layout).map(({ name, source, shape }) => {
    const own = random.fork(source);
    const data = (start.get(source) ?? new Float32Array(0)).map((x) => x + 0.2 * own.normal());
    return [name, { shape, data }] as const;
  });
  const tensors = new Map(written);
  const weights = await readWeights(layout, tensors);
  const model = await makeModel(toy, laidOut);
  const engine = engines.reference();
  const outputs = await runForward(engine, model, layout, weights, withoutLabels(inputs));
  const objective = objectiveOf(model, { name: "", config, tensors, inputs, outputs });
  if (objective === undefined) throw new Error("The toy has an objective.");
  const { loss, gradients } = await runGradients(engine, objective, layout, weights, inputs);
  const rates = { dropout: 0.2 };
  const dropping = objectiveOf(
    await makeModel(toy, layOut(toy, { ...config, ...rates })),
    { name: "", config, tensors, inputs, outputs },
  );
  if (dropping === undefined) throw new Error("The toy has an objective.");
  const masks: (readonly [number, number])[] = [];
  const dropped = await runGradients(
    engine,
    dropping,
    layout,
    weights,
    inputs,
    recordedMasks(masks),
  );
  const norms = [...dropped.gradients].map(([name, data]) => [name, Math.hypot(...data)] as const);
  return {
    dropout: {
      config: rates,
      masks,
      loss: dropped.loss,
      gradients: Object.fromEntries(norms),
    },
    name: tied ? "toy-tied" : "toy-untied",
    config,
    tensors,
    inputs,
    outputs,
    loss,
    gradients: new Map(
      ownedNames(layout).map((name) => {
        const data = gradients.get(name) ?? new Float32Array(0);
        return [name, { shape: tensors.get(name)?.shape ?? [data.length], data }];
      }),
    ),
  };
}

const number = (value: unknown): number => Number(value);

/** Fixtures of the toy. */
export const toyFixtures: ArchitectureFixtures = {
  checkpoints: [await record(true), await record(false)],
  headers: {
    sizes,
    configs: Object.fromEntries(
      ["1.0.0", "2.0.0"].map((version) => [
        version,
        { model_type: "toy", ...sizes, tie_word_embeddings: false, version, unknown_key: [1] },
      ]),
    ),
    cases: headerCases.map((one, header) => ({ ...one, header })),
    headers: headerCases.map(headerShapes),
  },
  variants: [
    {
      name: "a buffer and no prefix",
      store: (tensors) =>
        new Map([
          ...renameTensors(tensors, (name) => name.replace(/^toy\./u, "")),
          ["toy.buffer", { shape: [1], data: Float32Array.of(0) }],
        ]),
    },
  ],
  wider: (config) => ({
    hidden_size: 2 * number(config["hidden_size"]),
    num_attention_heads: 2 * number(config["num_attention_heads"]),
    intermediate_size: 2 * number(config["intermediate_size"]),
  }),
  deeper: (config) => ({ num_hidden_layers: 2 * number(config["num_hidden_layers"]) }),
  sizes({ growing, fixed }) {
    const [heads, headSize] = [growing(1, 3), growing(1, 4)];
    return {
      vocab_size: fixed(2, 9),
      hidden_size: heads * headSize,
      num_hidden_layers: growing(1, 3),
      num_attention_heads: heads,
      intermediate_size: growing(1, 9),
      max_position_embeddings: fixed(2, 6),
    };
  },
};
