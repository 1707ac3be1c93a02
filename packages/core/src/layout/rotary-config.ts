import type { LayerType } from "./layer-types.js";
import type { RotaryOptions, RotaryScaling } from "./parts/rotary.js";

/** Keys of a `config.json` about rotary embeddings: `rope_parameters` as transformers 5 writes them, or those of version 4. */
export interface RotaryFields {
  readonly rope_theta?: number | null | undefined;
  readonly rope_scaling?: Readonly<Record<string, unknown>> | null | undefined;
  readonly rope_parameters?: Readonly<Record<string, unknown>> | null | undefined;
  readonly max_position_embeddings: number;
}

const TYPES = ["default", "linear", "dynamic", "llama3", "yarn"];

const parametersOf = ({ rope_parameters, rope_scaling }: RotaryFields) =>
  rope_parameters ?? rope_scaling ?? {};

const typeOf = (parameters: Readonly<Record<string, unknown>>): unknown =>
  parameters["rope_type"] ?? parameters["type"] ?? "default";

/** Whether a config asks for rotary embeddings of a known type. */
export function isRotaryType(config: RotaryFields): boolean {
  const { rope_parameters = {}, rope_scaling } = config;
  const each = [parametersOf(config), rope_scaling, ...Object.values(rope_parameters ?? {})];
  return each.filter(isObject).every((one) => TYPES.some((type) => type === typeOf(one)));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** Rotary embeddings of a model whose types of layers have their own. */
export interface RotaryOfTypes {
  /** Bases where the config names none. */
  readonly bases: Readonly<Record<LayerType, number>>;
  /** The types of layers that `rope_scaling` of transformers 4 is about. */
  readonly scaled: readonly LayerType[];
}

/** The rotary embeddings of each type of layer, over `channels` channels of a head: `rope_parameters` holds one entry for each. */
export function rotaryOfTypes(
  { max_position_embeddings, rope_parameters, rope_scaling }: RotaryFields,
  channels: number,
  { bases, scaled }: RotaryOfTypes,
): Readonly<Record<LayerType, RotaryOptions>> {
  const of = (type: LayerType): RotaryOptions => {
    const own = rope_parameters?.[type];
    const parameters = {
      ...(isObject(own) ? own : {}),
      ...(scaled.includes(type) ? rope_scaling : {}),
    };
    return rotaryOptions(
      { max_position_embeddings, rope_parameters: parameters },
      channels,
      bases[type],
    );
  };
  return { full_attention: of("full_attention"), sliding_attention: of("sliding_attention") };
}

/**
 * The rotary embeddings of a config over `channels` channels of a head. `dynamic` is the default up to the longest sequence of the
 * config, which is as far as LiGO goes.
 *
 * @param base where the config names none
 */
export function rotaryOptions(
  config: RotaryFields,
  channels: number,
  base: number = 10_000,
): RotaryOptions {
  const parameters = parametersOf(config);
  const own = numberOf(parameters["rope_theta"]) ?? config.rope_theta ?? base;
  return { channels, base: own, scaling: scalingOf(parameters, config.max_position_embeddings) };
}

const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" ? value : undefined;

function scalingOf(
  parameters: Readonly<Record<string, unknown>>,
  positions: number,
): RotaryScaling | undefined {
  const read = (key: string): number | undefined => numberOf(parameters[key]);
  const type = typeOf(parameters);
  const factor = read("factor") ?? 1;
  const originalPositions = read("original_max_position_embeddings") ?? positions;
  if (type === "linear") return { type, factor };
  if (type === "llama3")
    return {
      type,
      factor,
      lowFrequencyFactor: read("low_freq_factor") ?? 1,
      highFrequencyFactor: read("high_freq_factor") ?? 4,
      originalPositions,
    };
  if (type !== "yarn") return undefined;
  return {
    type,
    factor,
    originalPositions,
    betaFast: read("beta_fast"),
    betaSlow: read("beta_slow"),
    attentionFactor: read("attention_factor"),
    mscale: read("mscale"),
    mscaleAllDim: read("mscale_all_dim"),
    truncate: typeof parameters["truncate"] === "boolean" ? parameters["truncate"] : undefined,
  };
}
