import type { StandardSchemaV1 } from "../standard-schema.js";
import * as z from "../zod.js";
import {
  ACTIVATION_NAMES,
  headsDivide,
  type ActivationName,
  type IssueCollector,
  type LabelFields,
} from "./config-fields.js";
import type { RawConfig } from "./architecture.js";
import { checkLayerTypes, type LayerTypeFields } from "./layer-types.js";
import { isRotaryType, type RotaryFields } from "./rotary-config.js";

/** Keys of the `config.json` of Llama and its relatives that LiGO reads; every other key is kept as it is. */
export interface DecoderConfig extends RawConfig, LabelFields, RotaryFields, LayerTypeFields {
  readonly model_type: string;
  readonly architectures?: readonly string[] | null | undefined;
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  /** Heads of keys and values. Default: as many as of queries. */
  readonly num_key_value_heads: number;
  /** Channels of a head. Default `hidden_size` over `num_attention_heads`. */
  readonly head_dim: number;
  readonly intermediate_size: number;
  readonly hidden_act: ActivationName;
  /** The longest sequence. */
  readonly max_position_embeddings: number;
  readonly rms_norm_eps: number;
  readonly initializer_range: number;
  readonly attention_bias: boolean;
  readonly mlp_bias: boolean;
  /** Dropout rate of the attention weights. */
  readonly attention_dropout: number;
  /** Positions that each one sees, its own included. Absent: all before it. */
  readonly sliding_window?: number | null | undefined;
  readonly tie_word_embeddings: boolean;
  readonly pad_token_id?: number | null | undefined;
}

/** Defaults that differ between the members of the family. */
export interface DecoderDefaults {
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  /** Absent: as many as of queries. */
  readonly num_key_value_heads?: number;
  /** Absent: `hidden_size` over `num_attention_heads`. */
  readonly head_dim?: number;
  readonly intermediate_size: number;
  readonly max_position_embeddings: number;
  readonly sliding_window?: number;
  /** Default false. */
  readonly tie_word_embeddings?: boolean;
  readonly pad_token_id?: number;
  /** Whether transformers wants heads to divide `hidden_size`, whatever `head_dim`. Default false. */
  readonly headsDivide?: boolean;
}

/**
 * The schema of the `config.json` of Llama or a relative, with Hugging Face's defaults of its model type.
 *
 * @param further schemas, by zod, of the keys that `Config` has beyond those of the family
 */
export function decoderConfig<Config extends DecoderConfig = DecoderConfig>(
  modelType: string,
  defaults: DecoderDefaults,
  further: Readonly<Record<string, StandardSchemaV1>> = {},
): StandardSchemaV1<unknown, Config> {
  const rotary = z.keys.nullish();
  const schema = z
    .looseObject({
      model_type: z.literal(modelType),
      architectures: z.classNames,
      vocab_size: z.size.default(defaults.vocab_size),
      hidden_size: z.size.default(defaults.hidden_size),
      num_hidden_layers: z.size.default(defaults.num_hidden_layers),
      num_attention_heads: z.size.default(defaults.num_attention_heads),
      num_key_value_heads: z.size.nullish(),
      head_dim: z.size.nullish(),
      intermediate_size: z.size.default(defaults.intermediate_size),
      hidden_act: z.enum(ACTIVATION_NAMES).default("silu"),
      max_position_embeddings: z.size.default(defaults.max_position_embeddings),
      rms_norm_eps: z.number().positive().default(1e-6),
      initializer_range: z.number().positive().default(0.02),
      attention_bias: z.boolean().default(false),
      mlp_bias: z.boolean().default(false),
      attention_dropout: z.dropoutRate.default(0),
      sliding_window: z.size.nullable().default(defaults.sliding_window ?? null),
      rope_theta: z.number().positive().nullish(),
      rope_scaling: rotary,
      rope_parameters: rotary,
      layer_types: z.layerTypes,
      tie_word_embeddings: z.boolean().default(defaults.tie_word_embeddings ?? false),
      pad_token_id: z
        .number()
        .int()
        .nullable()
        .default(defaults.pad_token_id ?? null),
      id2label: z.labelNames,
      num_labels: z.size.optional(),
      ...(further as Readonly<Record<string, z.ZodType>>),
    })
    .transform((config) => ({
      ...config,
      num_key_value_heads:
        config.num_key_value_heads ?? defaults.num_key_value_heads ?? config.num_attention_heads,
      head_dim:
        config.head_dim ?? defaults.head_dim ?? config.hidden_size / config.num_attention_heads,
    }))
    .superRefine(checkHeads)
    .superRefine(defaults.headsDivide === true ? checkWidth : () => undefined)
    .superRefine(checkLayerTypes);
  return schema as unknown as StandardSchemaV1<unknown, Config>;
}

const checkWidth = headsDivide("hidden_size", "num_attention_heads");

function checkHeads(config: DecoderConfig, context: IssueCollector): void {
  const issue = (key: string, message: string): void =>
    context.addIssue({ code: "custom", message, path: [key] });
  const { head_dim: size, num_attention_heads: heads, num_key_value_heads: shared } = config;
  if (heads % shared !== 0)
    issue(
      "num_key_value_heads",
      `num_attention_heads ${heads} is not a multiple of num_key_value_heads ${shared}`,
    );
  if (size % 2 !== 0)
    issue(
      "head_dim",
      `heads have ${size} channels (head_dim, or hidden_size over num_attention_heads), which is not even: rotary embeddings turn pairs`,
    );
  if (!isRotaryType(config))
    issue(
      "rope_scaling",
      "LiGO knows the rotary embeddings default, linear, dynamic, llama3 and yarn only",
    );
}
