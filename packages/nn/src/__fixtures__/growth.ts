import { createRandom, type Matrix, type Random } from "@ligo/core";
import type { Expression, Order, SegmentMap, Spread } from "@ligo/core/operator";
import type * as tf from "@ligo/tfjs";
import { grownParameters, type ContractionPolicy } from "../growing/grown-parameters.js";
import type { WidthMap } from "../growing/width-map.js";
import type { Parameters } from "../parameters.js";
import { floats, sizeOf, type Given, type Tensors } from "./programs.js";

/** A random parameter and the random operator that grows it. */
export interface Growth {
  /** One per target layer, or one. */
  readonly expressions: readonly Expression[];
  /** All maps and depth matrices, in full. */
  readonly operator: ReadonlyMap<string, Matrix>;
  /** How a step stores the maps: `block` only the rows of C, `identity` nothing. */
  readonly kinds: ReadonlyMap<string, WidthMap["kind"]>;
  /** Per source layer, or one. */
  readonly sources: readonly Float32Array[];
}

export type Scope = "target-layer" | "source-layer" | "model";

export interface GrowthOptions {
  readonly seed: number;
  readonly rank: number;
  readonly scope: Scope;
  /** Default what the scope asks for; `model` allows both. */
  readonly order?: Order;
  readonly terms: number;
  /** Source and target layers of a stack; absent for a parameter outside stacks. */
  readonly layers?: readonly [source: number, target: number];
  /** Spaces of each axis; default one, at random up to three. */
  readonly segments?: (axis: number) => number;
  /** Whether an axis grows; default at random. */
  readonly grows?: (axis: number) => boolean;
  readonly kind?: WidthMap["kind"];
  /** Whether nothing is spread or has an offset or factor. Default false. */
  readonly plain?: boolean;
}

const between = (random: Random, from: number, to: number): number => from + random.integer(to - from + 1);

function randomMatrix(random: Random, rows: number, columns: number): Matrix {
  return { rows, columns, data: Float32Array.from({ length: rows * columns }, random.normal) };
}

/** [I; C] with a random C. */
function blockMatrix(random: Random, rows: number, columns: number): Matrix {
  const matrix = randomMatrix(random, rows, columns);
  for (let row = 0; row < columns; row++) {
    for (let column = 0; column < columns; column++) matrix.data[row * columns + column] = Number(row === column);
  }
  return matrix;
}

interface GrownSegment {
  readonly oldSize: number;
  readonly newSize: number;
  readonly mapped: boolean;
  readonly spread?: Spread;
  /** Shape of the map that is spread. */
  readonly map?: { readonly rows: number; readonly columns: number };
}

interface GrownAxis {
  readonly grows: boolean;
  readonly segments: readonly GrownSegment[];
}

/** A segment whose map is spread over heads: of 1 or 2 owners to 2, of groups of 1 or 2 heads to 2, of 1 channel to 2 or 3. */
function spreadSegment(random: Random): GrownSegment {
  const [oldOwners, oldGroup] = [between(random, 1, 2), between(random, 1, 2)];
  const [oldUnits, newUnits] = [1, between(random, 2, 3)];
  const weights = randomMatrix(random, 4, oldOwners * oldGroup);
  return {
    oldSize: oldOwners * oldGroup * oldUnits,
    newSize: 4 * newUnits,
    mapped: true,
    spread: { weights, oldOwners, newOwners: 2 },
    map: { rows: 2 * newUnits, columns: oldOwners * oldUnits },
  };
}

/** A parameter `p.{i}` (or `p`) of random sizes with a random operator of the given form. */
export function randomGrowth(options: GrowthOptions): Growth {
  const { scope, terms, layers, rank, plain = false } = options;
  const random = createRandom(options.seed);
  const order = options.order ?? (scope === "source-layer" ? "width-then-depth" : "depth-then-width");
  const operator = new Map<string, Matrix>();
  const kinds = new Map<string, WidthMap["kind"]>();
  const [sourceLayers, targetLayers] = layers ?? [1, 1];

  const axes = Array.from({ length: rank }, (_, axis): GrownAxis => {
    if (!(options.grows?.(axis) ?? random.integer(4) > 0)) return { grows: false, segments: [between(random, 1, 3)].map((size) => ({ oldSize: size, newSize: size, mapped: false })) };
    const count = options.segments?.(axis) ?? (random.integer(2) ? 1 : between(random, 2, 3));
    const segments: GrownSegment[] = Array.from({ length: count }, () => {
      const oldSize = between(random, 1, 3);
      return { oldSize, newSize: oldSize + between(random, 1, 2), mapped: true };
    });
    // a map may be spread over heads
    if (!plain && count === 1 && random.integer(3) === 0) return { grows: true, segments: [spreadSegment(random)] };
    // In a fused axis one of the spaces may stay as it is.
    if (count > 1 && random.integer(2)) segments[0] = { ...segments[0]!, newSize: segments[0]!.oldSize, mapped: false };
    return { grows: true, segments };
  });

  const offset = !plain && rank === 1 && random.integer(2) ? 1 : 0;
  const factor = plain || random.integer(3) ? 1 : 1.5;
  const addMap = (name: string, rows: number, columns: number): string => {
    const kind = options.kind ?? (random.integer(2) ? "block" : "full");
    if (!operator.has(name)) {
      operator.set(name, (kind === "full" ? randomMatrix : blockMatrix)(random, rows, columns));
      kinds.set(name, kind);
    }
    return name;
  };
  const segmentMap = (term: number, axis: number, index: number, layer: number): SegmentMap => {
    const { oldSize, newSize, mapped, spread, map = { rows: newSize, columns: oldSize } } = axes[axis]!.segments[index]!;
    if (!mapped) return { oldSize, newSize, map: undefined };
    const sizes = { oldSize, newSize, ...(spread ? { spread } : {}) };
    const name = (suffix: string): string => addMap(`term.${term}.width.${axis}-${index}${suffix}`, map.rows, map.columns);
    if (scope === "model" || !layers) return { ...sizes, map: name("") };
    if (scope === "target-layer") return { ...sizes, map: name(`.${layer}`) };
    return { ...sizes, map: Array.from({ length: sourceLayers }, (_, j) => name(`.${j}`)) };
  };

  const sum = (which: "oldSize" | "newSize"): number[] =>
    axes.map(({ segments }) => segments.reduce((total, segment) => total + segment[which], 0));
  const sourceShape = sum("oldSize");
  const expressions = Array.from({ length: targetLayers }, (_, layer): Expression => ({
    name: layers ? `p.${layer}` : "p",
    parameter: layers ? "p.{i}" : "p",
    shape: sum("newSize"),
    sourceShape,
    sources: Array.from({ length: sourceLayers }, (_, j) => (layers ? `p.${j}` : "p")),
    order,
    ...(offset === 0 ? {} : { offset }),
    ...(factor === 1 ? {} : { factor }),
    terms: Array.from({ length: terms }, (_, term) => ({
      ...(layers ? { depth: { tensor: `term.${term}.depth`, row: layer } } : {}),
      axes: axes.map(({ grows, segments }, axis) =>
        grows ? segments.map((_segment, index) => segmentMap(term, axis, index, layer)) : undefined,
      ),
    })),
  }));
  if (layers) {
    for (let term = 0; term < terms; term++) {
      operator.set(`term.${term}.depth`, randomMatrix(random, targetLayers, sourceLayers));
    }
  }
  const sources = Array.from({ length: sourceLayers }, () =>
    Float32Array.from({ length: sizeOf(sourceShape) }, random.normal),
  );
  return { expressions, operator, kinds, sources };
}

/** The tensors a step works with: sources stacked, of `block` maps only the rows of C, nothing of identities. */
export function growthGivens({ expressions, operator, kinds, sources }: Growth): Record<string, Given> {
  const [{ sourceShape, terms }] = expressions as [Expression];
  const shape = terms[0]?.depth ? [sources.length, ...sourceShape] : sourceShape;
  const givens: Record<string, Given> = { source: floats(shape, sources.flatMap((data) => [...data])) };
  for (const [name, { rows, columns, data }] of operator) {
    const skipped = kinds.get(name) === "block" ? columns : 0;
    if (kinds.get(name) !== "identity") givens[name] = floats([rows - skipped, columns], data.subarray(skipped * columns));
  }
  return givens;
}

/** The grown parameters made of a step's tensors. */
export function growthParameters(
  { expressions, operator, kinds }: Growth,
  tensors: Tensors,
  contraction?: ContractionPolicy,
  fresh: (name: string) => tf.Tensor | undefined = () => undefined,
): Parameters {
  return grownParameters({
    fresh,
    expressions,
    source: () => tensors["source"] as tf.Tensor,
    depth: (name) => tensors[name] as tf.Tensor2D,
    map(name): WidthMap {
      const rows = tensors[name] as tf.Tensor2D;
      const kind = kinds.get(name) as WidthMap["kind"];
      if (kind === "identity") return { kind };
      return kind === "full" ? { kind, rows } : { kind, rows, oldSize: operator.get(name)!.columns };
    },
    ...(contraction === undefined ? {} : { contraction }),
  });
}
