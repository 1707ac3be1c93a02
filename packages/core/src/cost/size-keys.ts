import { headCount } from "../layout/layout-names.js";
import type { Factor, Layout, Space } from "../layout/layout.js";
import type { Architecture, RawConfig } from "../layout/architecture.js";
import { keysBehind } from "../layout/keys-behind.js";

/** A model whose sizes are asked for. */
export interface SizedModel {
  readonly architecture: Pick<Architecture, "layout" | "follows">;
  /** Its config, checked. */
  readonly config: RawConfig;
  readonly className: string;
}

/** The keys of a config that say how large its model is. A size that follows from others has none. */
export interface SizeKeys {
  /** Layers of the first stack. */
  readonly layers: string | undefined;
  /** The residual stream. */
  readonly width: string | undefined;
  /** Heads of the queries. */
  readonly heads: string | undefined;
  /** Heads of keys and values, where these are fewer or may be. */
  readonly keyValueHeads: string | undefined;
  /** Inner sizes of the layers, of the MLP. */
  readonly inner: readonly string[];
}

/** The space of the residual stream: the first that all layers share. */
const streamOf = ({ spaces }: Layout): Space | undefined =>
  Object.values(spaces).find(({ grows, scope }) => grows && scope === "model");

/** Spaces of a layer that are made of heads. */
const headSpaces = ({ spaces }: Layout): readonly Space[] =>
  Object.values(spaces).filter(({ factors = [] }) => factors.length > 1);

/** Heads of the queries, all groups together. */
export const queryHeads = (layout: Layout): number =>
  Math.max(0, ...headSpaces(layout).map(headCount));

/** The factor whose units own query heads: heads of keys and values. */
const ownerOf = (layout: Layout): Factor | undefined =>
  headSpaces(layout)
    .flatMap(({ factors = [] }) => factors)
    .find(({ owns }) => owns !== undefined);

/** Heads of keys and values: those of the queries where none are shared. */
export const keyValueHeads = (layout: Layout): number =>
  ownerOf(layout)?.size ?? queryHeads(layout);

/** Layers of the first stack. */
export const layersOf = ({ stacks }: Layout): number => Object.values(stacks)[0]?.layers ?? 0;

/**
 * Finds the keys by what they do: each that a size is the value of, and that changes it when it is doubled by itself. Keys that
 * `follows` names are no sizes of their own.
 */
export function sizeKeys(model: SizedModel): SizeKeys {
  const { architecture, className, config } = model;
  const layout = architecture.layout(config, className);
  const doubled = Object.fromEntries(
    Object.entries(config)
      .filter(([, value]) => typeof value === "number")
      .map(([key, value]) => [key, 2 * Number(value)]),
  );
  const behind = (size: (one: Layout) => number | undefined): readonly string[] =>
    keysBehind(model, doubled, size).filter((key) => config[key] === size(layout));
  const [layers] = behind(layersOf);
  const [width] = behind((one) => streamOf(one)?.size);
  const [heads] = behind(queryHeads);
  const [shared] = behind((one) => ownerOf(one)?.size);
  const others = new Set([
    layers,
    width,
    heads,
    shared,
    ...Object.keys(architecture.follows ?? {}),
  ]);
  const inner = Object.entries(layout.spaces)
    .filter(([, { factors, grows, scope }]) => grows && scope === "layer" && factors === undefined)
    .flatMap(([name]) => behind(({ spaces }) => spaces[name]?.size))
    .filter((key) => !others.has(key));
  return { layers, width, heads, keyValueHeads: shared, inner: [...new Set(inner)] };
}
