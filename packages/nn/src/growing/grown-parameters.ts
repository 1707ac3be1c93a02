import {
  chooseOrder,
  contractionOf,
  movableMaps,
  weightAxes,
  type ContractionOrder,
  type MovableMap,
  type WeightUse,
} from "@ligo/core/cost";
import type { WeightStorage } from "@ligo/core/layout";
import type { Expression, ExpressionTerm } from "@ligo/core/operator";
import type * as tf from "@ligo/tfjs";
import { gatherRows } from "../blocks/embedding.js";
import { addRow, linear } from "../blocks/linear.js";
import type { LazyParameter, Parameter, Parameters } from "../parameters.js";
import type { GrowingTensors } from "./growing-tensors.js";
import { grownTensors, type GrownTensors } from "./grown-tensors.js";
import {
  applyRight,
  overSegments,
  reduceRight,
  segmentMaps,
  widen,
  type SegmentMaps,
} from "./width-map.js";

/** How products with grown weights are formed: the cheapest way by the cost model, or always one. */
export type ContractionPolicy = "planned" | ContractionOrder;

export interface GrownParametersOptions extends GrowingTensors {
  /** Default `planned`. */
  readonly contraction?: ContractionPolicy;
}

/**
 * The parameters of a grown model, each made of source tensors and operator tensors when it is used: depth mixing as one
 * product for all layers, embeddings picked before they are grown, products with weights in the cheapest order.
 */
export function grownParameters(options: GrownParametersOptions): Parameters {
  const expressions = new Map(
    options.expressions.map((expression) => [expression.name, expression]),
  );
  const made = new Map<string, LazyParameter>();
  const tensors = grownTensors(options);
  const maps = segmentMaps((name) => options.map(name));
  const products = mapProducts(maps);
  return {
    has: (name) => expressions.has(name),
    get(name): Parameter {
      const expression = expressions.get(name);
      if (!expression)
        throw new RangeError(
          `The forward pass asks for a parameter ${name} that the plan does not have.`,
        );
      const parameter =
        made.get(name) ?? grownParameter(expression, options, { tensors, products, maps });
      made.set(name, parameter);
      return parameter;
    },
  };
}

/** Products of activations [rows, n] with the maps of an axis. */
interface MapProducts {
  /** x [rows, new] as a weight that reads the space sees it: [rows, old]. Made once for every x. */
  reduce(x: tf.Tensor2D, segments: readonly MovableMap[]): tf.Tensor2D;
  /** Outputs [rows, old] in the grown space: [rows, new]. */
  widen(x: tf.Tensor2D, segments: readonly MovableMap[]): tf.Tensor2D;
}

function mapProducts(mapOf: SegmentMaps): MapProducts {
  const reduced = new WeakMap<tf.Tensor, Map<string, tf.Tensor2D>>();
  return {
    reduce(x, segments) {
      // one map may be there as it is and spread, of another size then
      const key = segments.map(({ map, newSize }) => `${map ?? "="}:${newSize}`).join();
      const known = reduced.get(x) ?? new Map<string, tf.Tensor2D>();
      reduced.set(x, known);
      const made = known.get(key) ?? overSegments(x, segments, "newSize", reduceRight, mapOf);
      known.set(key, made);
      return made;
    },
    widen: (x, segments) => overSegments(x, segments, "oldSize", applyRight, mapOf),
  };
}

/** What the parameters of a model share. */
interface MadeOnce {
  readonly maps: SegmentMaps;
  readonly products: MapProducts;
  readonly tensors: GrownTensors;
}

function grownParameter(
  expression: Expression,
  options: GrownParametersOptions,
  { maps, products, tensors }: MadeOnce,
): LazyParameter {
  const { contraction = "planned" } = options;
  const whole = (): tf.Tensor2D => tensors.materialise(expression) as tf.Tensor2D;
  const fresh = options.fresh?.(expression.name) as tf.Tensor2D | undefined;
  const orderOf = (use: Omit<WeightUse, "isFull">): ContractionOrder => {
    const isFull = (map: string): boolean => options.map(map).kind === "full";
    const frozenPart = fresh !== undefined;
    const product = contractionOf(expression, { ...use, frozenPart, isFull });
    if (product === undefined) return "materialise";
    return contraction === "planned" ? chooseOrder(product) : contraction;
  };
  return {
    kind: "lazy",
    shape: expression.shape,
    materialise: () => tensors.materialise(expression),
    multiply(x, bias, readers, storage = "out-in") {
      const order = orderOf({ tokens: x.shape[0], readers, storage });
      if (order === "materialise") return linear(x, whole(), bias, storage);
      const { reads, writes, outAxis, inAxis } = sidesOf(expression, storage);
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
      const weight = widen(kept, tensors.mix(expression, term), 0, maps) as tf.Tensor2D;
      const input = inputFirst ? products.reduce(x, reads) : x;
      if (!outputLast && fresh === undefined) return linear(input, weight, bias, storage);
      const product = linear(input, weight, undefined, storage);
      const made = outputLast ? products.widen(product, writes) : product;
      const sum = fresh === undefined ? made : made.add(linear(x, fresh, undefined, storage));
      return bias ? addRow(sum as tf.Tensor2D, bias) : (sum as tf.Tensor2D);
    },
    rows(ids) {
      const columns = movableMaps(expression, 1);
      const [term] = expression.terms;
      if (columns === undefined || term?.axes[0] || term?.depth || contraction === "materialise") {
        return gatherRows(ids, whole());
      }
      const picked = gatherRows(ids, options.source(expression.parameter) as tf.Tensor2D);
      const { factor = 1 } = expression;
      const grown = products.widen(factor === 1 ? picked : picked.mul(factor), columns);
      return fresh === undefined ? grown : grown.add(gatherRows(ids, fresh));
    },
  };
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
