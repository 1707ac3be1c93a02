import type { RawConfig, Space } from "@ligo/core";
import {
  attentionSpaces,
  groupedAttentionSpaces,
  rotaryFrequencies,
  rotaryOptions,
  withHeadNorms,
} from "@ligo/core/layout";
import { attentionPart, isAttention, isNorm } from "./draft-names.js";
import { findKey, property } from "./draft-sizes.js";
import type { DraftTensor } from "./draft-stacks.js";

/** A number and how a layout computes it from `config`, as TypeScript. */
export interface DraftNumber {
  readonly value: number;
  readonly expression: string;
}

/** Rotary embeddings: how many channels of a head turn, and whether every kind of layer has speeds of its own. */
export interface DraftRotary {
  readonly channels: DraftNumber;
  readonly perKind: boolean;
}

/** Attention as config and shapes say. */
export interface DraftAttention {
  readonly heads: DraftNumber;
  /** Absent where keys and values have as many heads as queries, and the config does not count them. */
  readonly keyValueHeads?: DraftNumber;
  readonly headSize: DraftNumber;
  /** Factor of the scores. Absent: 1/sqrt(head size). */
  readonly scale?: DraftNumber;
  readonly rotary?: DraftRotary;
  /** Whether every head's queries and keys are normalised. */
  readonly headNorms: boolean;
  /** Spaces as products of their factors. */
  readonly spaces: Readonly<Record<string, Space>>;
  /** What is to be looked at by hand, in words. */
  readonly open: readonly string[];
}

/** Finds the factors of attention. `undefined` of a config without a width or heads that divide it. */
export function draftAttention(
  config: RawConfig,
  tensors: readonly DraftTensor[],
): DraftAttention | undefined {
  const [embed, heads] = [findKey(config, "embed"), findKey(config, "heads")];
  if (embed === undefined || heads === undefined) return undefined;
  const size = findKey(config, "headSize");
  const headSize: DraftNumber =
    size === undefined
      ? {
          value: embed.value / heads.value,
          expression: `${property(embed.key)} / ${property(heads.key)}`,
        }
      : { value: size.value, expression: property(size.key) };
  if (!Number.isInteger(headSize.value)) return undefined;
  const headNorms = tensors.some((tensor) => headNormPart(tensor, headSize.value) !== undefined);
  const count: DraftNumber = { value: heads.value, expression: property(heads.key) };
  const shared = keyValueHeads(config, tensors, count, headSize.value);
  const found = {
    heads: count,
    // spaces with norms of heads are those of grouped heads
    ...(shared === undefined && !headNorms ? {} : { keyValueHeads: shared ?? count }),
    headSize,
    ...scaleOf(config),
    ...rotaryOf(config, headSize),
    headNorms,
  };
  return { ...found, spaces: spacesOf(config, found), open: openQuestions(config, found) };
}

/** Whether a norm is over the channels of each head of queries or keys, and of which. */
export function headNormPart(
  { name, shape, stack }: DraftTensor,
  headSize: number,
): "query" | "key" | undefined {
  if (stack === undefined || !isNorm(name) || !isAttention(name)) return undefined;
  if (shape.length !== 1 || shape[0] !== headSize) return undefined;
  const part = attentionPart(name);
  return part === "query" || part === "key" ? part : undefined;
}

/** Heads of keys and values: as the config counts them, else as a layer of keys is narrower. */
function keyValueHeads(
  config: RawConfig,
  tensors: readonly DraftTensor[],
  heads: DraftNumber,
  headSize: number,
): DraftNumber | undefined {
  const found = findKey(config, "keyValueHeads");
  if (found !== undefined) return { value: found.value, expression: property(found.key) };
  const keys = tensors.find(
    ({ name, shape }) =>
      shape.length === 2 && isAttention(name) && !isNorm(name) && attentionPart(name) === "key",
  );
  const size = Math.min(...(keys?.shape ?? []));
  const value = size / headSize;
  if (keys === undefined || !Number.isInteger(value) || value >= heads.value) return undefined;
  return { value, expression: `${value} /* UNKNOWN: which key? */` };
}

function scaleOf(config: RawConfig): { readonly scale?: DraftNumber } {
  const scalar = config["query_pre_attn_scalar"];
  if (typeof scalar === "number")
    return { scale: { value: scalar ** -0.5, expression: "config.query_pre_attn_scalar ** -0.5" } };
  const factor = config["attention_multiplier"];
  if (typeof factor === "number")
    return { scale: { value: factor, expression: "config.attention_multiplier" } };
  if (config["scale_attn_weights"] === false) return { scale: { value: 1, expression: "1" } };
  return {};
}

const isObject = (value: unknown): value is RawConfig =>
  typeof value === "object" && value !== null;

/** Keys about rotary embeddings that a draft reads. */
const ROTARY_KEYS = ["rope_theta", "rope_scaling", "rope_parameters"];
const SHARE_KEYS = ["partial_rotary_factor", "rotary_pct"];

function rotaryOf(config: RawConfig, headSize: DraftNumber): { readonly rotary?: DraftRotary } {
  const isRotary = [...ROTARY_KEYS, ...SHARE_KEYS].some((key) => (config[key] ?? null) !== null);
  if (!isRotary) return {};
  const parameters = config["rope_parameters"];
  const inner = isObject(parameters) ? parameters : {};
  const key = SHARE_KEYS.find((one) => typeof config[one] === "number");
  const share = key === undefined ? inner["partial_rotary_factor"] : config[key];
  const perKind = Object.values(inner).some(isObject);
  if (typeof share !== "number") return { rotary: { channels: headSize, perKind } };
  const factor = key === undefined ? "config.rope_parameters.partial_rotary_factor" : property(key);
  const expression = `Math.trunc((${headSize.expression}) * ${factor})`;
  return {
    rotary: { channels: { value: Math.trunc(headSize.value * share), expression }, perKind },
  };
}

/** Speeds that channels turn by, one list for each kind of layer. */
function speedsOf(
  config: RawConfig,
  { channels, perKind }: DraftRotary,
): readonly (readonly number[])[] {
  const parameters = config["rope_parameters"];
  const each = perKind && isObject(parameters) ? Object.values(parameters) : [parameters];
  return each.map((own) => {
    const { rope_scaling: scaling, rope_theta: theta } = config;
    const options = rotaryOptions(
      {
        max_position_embeddings: findKey(config, "position")?.value ?? 0,
        rope_theta: typeof theta === "number" ? theta : undefined,
        rope_scaling: isObject(scaling) ? scaling : undefined,
        rope_parameters: isObject(own) ? own : undefined,
      },
      channels.value,
    );
    return rotaryFrequencies(options).inverse;
  });
}

type Found = Omit<DraftAttention, "spaces" | "open">;

function spacesOf(
  config: RawConfig,
  { headNorms, headSize, heads, keyValueHeads: shared, rotary, scale }: Found,
): Readonly<Record<string, Space>> {
  const options = {
    ...(rotary === undefined ? {} : { rotary: speedsOf(config, rotary) }),
    ...(scale === undefined ? {} : { scale: scale.value }),
  };
  if (shared === undefined)
    return attentionSpaces(heads.value * headSize.value, heads.value, options);
  const grouped = groupedAttentionSpaces({
    heads: heads.value,
    keyValueHeads: shared.value,
    headSize: headSize.value,
    ...options,
  });
  return headNorms ? withHeadNorms(grouped) : grouped;
}

function openQuestions(
  config: RawConfig,
  { heads, keyValueHeads: shared, rotary }: Found,
): readonly string[] {
  const open: string[] = [];
  if (shared !== undefined && heads.value % shared.value !== 0)
    open.push(
      `attention: ${heads.value} heads of queries do not divide into ${shared.value} of keys`,
    );
  if (shared?.expression.includes("UNKNOWN") === true)
    open.push(`attention: which config key counts its ${shared.value} heads of keys and values?`);
  const unread = Object.keys(config).filter(
    (key) => /rope|rotary/u.test(key) && ![...ROTARY_KEYS, ...SHARE_KEYS].includes(key),
  );
  for (const key of unread)
    open.push(`attention: ${key} speaks of rotary embeddings, and the draft does not read it`);
  if (rotary?.perKind === true)
    open.push("attention: rotary embeddings of every kind of layer stand in the config's order");
  if (JSON.stringify([config["rope_scaling"], config["rope_parameters"]]).includes('"yarn"'))
    open.push(
      "attention: yarn scales cosines and sines: multiply the scale of scores by its square",
    );
  return open;
}
