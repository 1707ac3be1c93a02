import {
  chooseOrder,
  contractionOf,
  movableMaps,
  weightAxes,
  type ContractionOrder,
  type Expression,
  type ExpressionTerm,
  type KindMix,
  type MovableMap,
  type SegmentMap,
  type WeightStorage,
  type WeightUse,
} from "@ligo/core";
import * as tf from "@tensorflow/tfjs";
import { gatherRows } from "../blocks/embedding.js";
import { addRow, linear } from "../blocks/linear.js";
import type { LazyParameter, Parameter, Parameters } from "../parameters.js";

/**
 * A width map [new, old] in a step: `block` holds the rows of C in [I; C] (the kept rows are exact and free), `full` all
 * rows, `identity` none (a space that keeps its size).
 */
export type WidthMap =
  | { readonly kind: "block"; readonly rows: tf.Tensor2D; readonly oldSize: number }
  | { readonly kind: "full"; readonly rows: tf.Tensor2D }
  | { readonly kind: "identity" };

/** How products with grown weights are formed: the cheapest way by the cost model, or always one. */
export type ContractionPolicy = "planned" | ContractionOrder;

export interface GrownParametersOptions {
  readonly expressions: readonly Expression[];
  /** Source tensor of a parameter name with `{i}`; that of a stack has a leading axis for the source layers. */
  source(parameter: string): tf.Tensor;
  /** Width map of an operator tensor name. */
  map(name: string): WidthMap;
  /** Depth matrix [new layers, old layers] of an operator tensor name, or the matrix that mixes kinds. */
  depth(name: string): tf.Tensor2D;
  readonly contraction?: ContractionPolicy;
}

/** M x for a map M [new, old] and x [old, n]. */
function applyLeft(map: WidthMap, x: tf.Tensor2D): tf.Tensor2D {
  if (map.kind === "identity") return x;
  const grown: tf.Tensor2D = tf.matMul(map.rows, x);
  return map.kind === "full" ? grown : tf.concat([x, grown], 0);
}

/** x M^T for a map M [new, old] and x [n, old]. */
function applyRight(map: WidthMap, x: tf.Tensor2D): tf.Tensor2D {
  if (map.kind === "identity") return x;
  const grown: tf.Tensor2D = tf.matMul(x, map.rows, false, true);
  return map.kind === "full" ? grown : tf.concat([x, grown], 1);
}

/** x M for a map M [new, old] and x [n, new]: what a weight that reads the space sees of it. */
function reduceRight(map: WidthMap, x: tf.Tensor2D): tf.Tensor2D {
  if (map.kind === "identity") return x;
  if (map.kind === "full") return tf.matMul(x, map.rows);
  const [kept, added] = tf.split(x, [map.oldSize, map.rows.shape[0]], 1) as [
    tf.Tensor2D,
    tf.Tensor2D,
  ];
  return kept.add(tf.matMul(added, map.rows));
}

/** Applies a map to axis `axis` of a tensor of any rank. */
function applyAxis(map: WidthMap, x: tf.Tensor, axis: number): tf.Tensor {
  const { shape, rank } = x;
  if (axis === rank - 1 && rank > 1) {
    const flat = x.reshape<tf.Tensor2D>([-1, shape[axis] as number]);
    const grown = applyRight(map, flat);
    return grown.reshape([...shape.slice(0, -1), grown.shape[1]]);
  }
  const order = [axis, ...shape.map((_, index) => index).filter((index) => index !== axis)];
  const front = axis === 0 ? x : x.transpose(order);
  const grown = applyLeft(map, front.reshape<tf.Tensor2D>([shape[axis] as number, -1]));
  const back = grown.reshape([grown.shape[0], ...front.shape.slice(1)]);
  if (axis === 0) return back;
  return back.transpose(shape.map((_, index) => order.indexOf(index)));
}

/** The output and the input side of a weight. */
interface Sides {
  readonly outAxis: number;
  readonly inAxis: number;
  readonly writes: readonly MovableMap[] | undefined;
  readonly reads: readonly MovableMap[] | undefined;
}

function sidesOf(expression: Expression, storage: WeightStorage): Sides {
  const [outAxis, inAxis] = weightAxes(storage);
  return {
    outAxis,
    inAxis,
    writes: movableMaps(expression, outAxis),
    reads: movableMaps(expression, inAxis),
  };
}

/** Applies the maps of a fused axis to the columns of x, segment by segment. */
function overSegments(
  x: tf.Tensor2D,
  segments: readonly MovableMap[],
  size: "oldSize" | "newSize",
  apply: (map: WidthMap, part: tf.Tensor2D) => tf.Tensor2D,
  mapOf: (name: string) => WidthMap,
): tf.Tensor2D {
  const sizes = segments.map((segment) => segment[size]);
  const parts: tf.Tensor2D[] = segments.length === 1 ? [x] : tf.split(x, sizes, 1);
  const applied = parts.map((part, index) => {
    const name = segments[index]?.map;
    return name === undefined ? part : apply(mapOf(name), part);
  });
  return applied.length === 1 ? (applied[0] as tf.Tensor2D) : tf.concat(applied, 1);
}

/** The slices of the first axis. The gradient of TensorFlow.js' own op fails where there is only one. */
const unstack = (x: tf.Tensor): tf.Tensor[] =>
  x.shape[0] === 1 ? [x.reshape(x.shape.slice(1))] : tf.unstack(x);

/** Biases and gains that all layers make in one way, but for the depth row: their names, with `{i}`. */
function stackedVectors(expressions: readonly Expression[]): ReadonlySet<string> {
  const ways = new Map<string, Set<string>>();
  for (const { parameter, sourceShape, terms } of expressions) {
    const [only] = terms;
    const isStacked = sourceShape.length === 1 && terms.length === 1 && only?.depth !== undefined;
    const way = isStacked ? JSON.stringify([only.depth?.tensor, only.axes]) : "";
    ways.set(parameter, (ways.get(parameter) ?? new Set()).add(way));
  }
  return new Set(
    [...ways].flatMap(([name, found]) => (found.size === 1 && !found.has("") ? [name] : [])),
  );
}

/**
 * The parameters of a grown model, each made of source tensors and operator tensors when it is used: depth mixing as one
 * product for all layers, embeddings picked before they are grown, products with weights in the cheapest order.
 */
export function grownParameters(options: GrownParametersOptions): Parameters {
  const { contraction = "planned" } = options;
  const expressions = new Map(
    options.expressions.map((expression) => [expression.name, expression]),
  );
  const mixed = new Map<string, tf.Tensor[]>();
  const made = new Map<string, LazyParameter>();
  const materialised = new Map<string, tf.Tensor>();
  const reduced = new WeakMap<tf.Tensor, Map<string, tf.Tensor2D>>();

  const mapOf = (name: string): WidthMap => options.map(name);
  const mapName = (segment: SegmentMap, layer: number): string | undefined =>
    typeof segment.map === "object" ? segment.map[layer] : segment.map;

  /**
   * All maps of a term on one tensor, or on several that are stacked: their own axes are the last ones. `layer` picks the
   * map where there is one per source layer.
   */
  const widen = (term: ExpressionTerm, x: tf.Tensor, layer: number): tf.Tensor =>
    term.axes.reduce<tf.Tensor>((grown, segments, own) => {
      if (!segments) return grown;
      const axis = own + grown.rank - term.axes.length;
      const parts =
        segments.length === 1
          ? [grown]
          : tf.split(
              grown,
              segments.map(({ oldSize }) => oldSize),
              axis,
            );
      const widened = parts.map((part, index) => {
        const name = mapName(segments[index] as SegmentMap, layer);
        return name === undefined ? part : applyAxis(options.map(name), part, axis);
      });
      return widened.length === 1 ? (widened[0] as tf.Tensor) : tf.concat(widened, axis);
    }, x);

  /** Rows of `depth` times a stack of layers, as one product of flattened layers. */
  const mixLayers = (depth: tf.Tensor2D, layers: tf.Tensor): tf.Tensor =>
    tf
      .matMul(depth, layers.reshape([layers.shape[0], -1]))
      .reshape([depth.shape[0], ...layers.shape.slice(1)]);
  const kindsOf = new Map<string, tf.Tensor3D[]>();
  /** The source layers of a parameter whose blocks are mixed from those of all matrices of a stack, [layers, ...shape]. */
  const mixKinds = ({ blocks, first, own, size, tensor }: KindMix): tf.Tensor => {
    let mixedBlocks = kindsOf.get(tensor);
    if (!mixedBlocks) {
      const cut = blocks.map((block) => {
        const [row, column] = block.outAxis === 0 ? [block.out, block.in] : [block.in, block.out];
        const stack = options.source(block.parameter) as tf.Tensor3D;
        const part = stack.slice([0, row * size, column * size], [-1, size, size]);
        return block.outAxis === 0 ? part : part.transpose([0, 2, 1]);
      });
      const layers = cut[0]?.shape[0] ?? 0;
      const flat = tf.stack(cut).reshape<tf.Tensor2D>([blocks.length, -1]);
      mixedBlocks = unstack(tf.matMul(options.depth(tensor), flat)).map((block) =>
        block.reshape<tf.Tensor3D>([layers, size, size]),
      );
      kindsOf.set(tensor, mixedBlocks);
    }
    // output by output: each row of blocks side by side, the rows below each other
    const rows = new Map<number, tf.Tensor3D[]>();
    for (const [index, { out }] of own.entries()) {
      const row = rows.get(out) ?? [];
      row.push(mixedBlocks[first + index] as tf.Tensor3D);
      rows.set(out, row);
    }
    const joined = [...rows.values()].map((row) =>
      row.length === 1 ? (row[0] as tf.Tensor3D) : tf.concat(row, 2),
    );
    const whole = joined.length === 1 ? (joined[0] as tf.Tensor3D) : tf.concat(joined, 1);
    return own[0]?.outAxis === 1 ? whole.transpose([0, 2, 1]) : whole;
  };
  const vectors = stackedVectors(options.expressions);
  /** Whether {@link mix} gives a tensor that is widened: width comes first, or a bias or gain is widened with its stack. */
  const mixesWidened = ({ order, parameter }: Expression): boolean =>
    order !== "depth-then-width" || vectors.has(parameter);
  /** The tensor of a term after depth mixing: not yet widened (depth first) or already. */
  const mix = (expression: Expression, term: ExpressionTerm): tf.Tensor => {
    const given = term.kinds ? mixKinds(term.kinds) : options.source(expression.parameter);
    if (!term.depth) return expression.order === "depth-then-width" ? given : widen(term, given, 0);
    // A parameter outside stacks with a coefficient is a stack of one.
    const source = given.rank > expression.sourceShape.length ? given : given.expandDims(0);
    const key = `${term.depth.tensor} ${expression.parameter}`;
    let layers = mixed.get(key);
    if (!layers) {
      const isDepthFirst = expression.order === "depth-then-width";
      const stack = isDepthFirst
        ? source
        : tf.stack(unstack(source).map((layer, index) => widen(term, layer, index)));
      const product = mixLayers(options.depth(term.depth.tensor), stack);
      layers = unstack(
        isDepthFirst && mixesWidened(expression) ? widen(term, product, 0) : product,
      );
      mixed.set(key, layers);
    }
    return layers[term.depth.row] as tf.Tensor;
  };
  const materialise = (expression: Expression): tf.Tensor => {
    let tensor = materialised.get(expression.name);
    if (!tensor) {
      const terms = expression.terms.map((term) => {
        const x = mix(expression, term);
        return mixesWidened(expression) ? x : widen(term, x, 0);
      });
      tensor = (terms.length === 1 ? (terms[0] as tf.Tensor) : tf.addN(terms)).reshape([
        ...expression.shape,
      ]);
      materialised.set(expression.name, tensor);
    }
    return tensor;
  };
  const reduceOnce = (x: tf.Tensor2D, segments: readonly MovableMap[]): tf.Tensor2D => {
    const key = segments.map(({ map, newSize }) => `${map ?? "="}:${newSize}`).join();
    const known = reduced.get(x) ?? new Map<string, tf.Tensor2D>();
    reduced.set(x, known);
    const found = known.get(key) ?? overSegments(x, segments, "newSize", reduceRight, mapOf);
    known.set(key, found);
    return found;
  };
  const widenRight = (x: tf.Tensor2D, segments: readonly MovableMap[]): tf.Tensor2D =>
    overSegments(x, segments, "oldSize", applyRight, mapOf);

  const isFull = (map: string): boolean => options.map(map).kind === "full";
  const orderOf = (expression: Expression, use: WeightUse): ContractionOrder => {
    const found = contractionOf(expression, use);
    if (found === undefined) return "materialise";
    return contraction === "planned" ? chooseOrder(found) : contraction;
  };

  const lazy = (expression: Expression): LazyParameter => ({
    kind: "lazy",
    shape: expression.shape,
    materialise: () => materialise(expression),
    multiply(x, bias, readers, storage = "out-in") {
      const sides = sidesOf(expression, storage);
      const { reads, writes, outAxis, inAxis } = sides;
      const order = orderOf(expression, { tokens: x.shape[0], readers, storage, isFull });
      if (order === "materialise")
        return linear(x, materialise(expression) as tf.Tensor2D, bias, storage);
      const inputFirst = reads !== undefined && order !== "output-last";
      const outputLast = writes !== undefined && order !== "input-first";
      const term = expression.terms[0] as ExpressionTerm;
      const kept = {
        ...term,
        axes: term.axes.map((segments, axis) =>
          (outputLast && axis === outAxis) || (inputFirst && axis === inAxis)
            ? undefined
            : segments,
        ),
      };
      const weight = widen(kept, mix(expression, term), 0) as tf.Tensor2D;
      const input = inputFirst ? reduceOnce(x, reads) : x;
      if (!outputLast) return linear(input, weight, bias, storage);
      const product = widenRight(linear(input, weight, undefined, storage), writes);
      return bias ? addRow(product, bias) : product;
    },
    rows(ids) {
      const columns = movableMaps(expression, 1);
      const [term] = expression.terms;
      if (columns === undefined || term?.axes[0] || term?.depth || contraction === "materialise") {
        return gatherRows(ids, materialise(expression) as tf.Tensor2D);
      }
      return widenRight(
        gatherRows(ids, options.source(expression.parameter) as tf.Tensor2D),
        columns,
      );
    },
  });

  return {
    has: (name) => expressions.has(name),
    get(name): Parameter {
      const expression = expressions.get(name);
      if (!expression)
        throw new RangeError(
          `The forward pass asks for a parameter ${name} that the plan does not have.`,
        );
      const parameter = made.get(name) ?? lazy(expression);
      made.set(name, parameter);
      return parameter;
    },
  };
}
