import type { Factor, Pairing, Space } from "../layout.js";

/** A space that grows by one map for the whole model. */
export function modelSpace(size: number): Space {
  return { size, grows: true, scope: "model" };
}

/** A space that grows by a map of its own in every layer of a stack. */
export function layerSpace(size: number): Space {
  return { size, grows: true, scope: "layer" };
}

/** A space of one size in source and target. */
export function fixedSpace(size: number): Space {
  return { size, grows: false, scope: "model" };
}

/** The tokens of a vocabulary. */
export function tokenSpace(size: number): Space {
  return { ...fixedSpace(size), rows: { of: "tokens" } };
}

/** The rows of a table of learned positions, `first` of them before the first position. */
export function positionSpace(size: number, first: number = 0): Space {
  return { ...fixedSpace(size), rows: { of: "positions", first } };
}

/** A space of a layer that is the product of factors, the slowest first. */
export function productSpace(...factors: readonly Factor[]): Space {
  return { ...layerSpace(factors.reduce((size, factor) => size * factor.size, 1)), factors };
}

/** Options of {@link attentionSpaces}. */
export interface AttentionOptions {
  /** Factor of the scores. Default 1/sqrt(head size). */
  readonly scale?: number;
  /** Whether scores are divided by the number of the layer too. Default false. */
  readonly byLayer?: boolean;
  /** Angular speeds of {@link Factor.rotary}. Default: nothing turns. */
  readonly rotary?: Factor["rotary"];
}

/** The spaces `query`, `key` and `value` of multi-head attention of `size` channels in all heads together. */
export function attentionSpaces(
  size: number,
  heads: number,
  { rotary, scale = Math.sqrt(heads / size), byLayer = false }: AttentionOptions = {},
): {
  readonly query: Space & { readonly pairing: Pairing };
  readonly key: Space;
  readonly value: Space;
} {
  const rowOfHeads = productSpace(
    { name: "head", size: heads },
    { name: "channel", size: size / heads, ...(rotary === undefined ? {} : { rotary }) },
  );
  const pairing: Pairing = { with: "key", scale, ...(byLayer ? { byLayer: true as const } : {}) };
  return { query: { ...rowOfHeads, pairing }, key: rowOfHeads, value: rowOfHeads };
}

/** Heads of grouped-query attention. */
export interface GroupedHeads {
  /** Heads of queries: a multiple of those of keys and values. */
  readonly heads: number;
  readonly keyValueHeads: number;
  /** Channels of a head. */
  readonly headSize: number;
  /** Angular speeds of {@link Factor.rotary}. Default: nothing turns. */
  readonly rotary?: Factor["rotary"];
  /** Factor of the scores. Default 1/sqrt(head size). */
  readonly scale?: number;
}

/** The spaces of {@link groupedAttentionSpaces}. */
export type GroupedSpaces = Readonly<Record<"query" | "key" | "value" | "context", Space>>;

/**
 * The spaces of attention whose query heads share heads of keys and values: `query` and `context` (what the output layer reads)
 * are kvHead x group x channel, `key` and `value` kvHead x channel.
 */
export function groupedAttentionSpaces({
  heads,
  keyValueHeads,
  headSize,
  rotary,
  scale = 1 / Math.sqrt(headSize),
}: GroupedHeads): GroupedSpaces {
  const size = heads / keyValueHeads;
  const owner: Factor = { name: "kvHead", size: keyValueHeads, owns: size };
  const group: Factor = { name: "group", size, within: "kvHead" };
  const channel: Factor = {
    name: "channel",
    size: headSize,
    ...(rotary === undefined ? {} : { rotary }),
  };
  const [all, shared] = [productSpace(owner, group, channel), productSpace(owner, channel)];
  return {
    query: { ...all, pairing: { with: "key", scale } },
    key: shared,
    value: shared,
    context: { ...all, carries: "value" },
  };
}

/**
 * The same with norms over the channels of every query and key head, whose gains are in `queryChannel` and `keyChannel`: what norms
 * make of queries and keys meets, not what is projected.
 */
export function withHeadNorms({
  key,
  query,
  ...others
}: GroupedSpaces): Readonly<Record<string, Space>> {
  const { pairing, ...plain } = query;
  const channel = productSpace(...(query.factors?.slice(-1) ?? []));
  return {
    ...others,
    query: { ...plain, normedBy: "queryChannel" },
    key: { ...key, normedBy: "keyChannel" },
    queryChannel: pairing ? { ...channel, pairing: { ...pairing, with: "keyChannel" } } : channel,
    keyChannel: channel,
  };
}
