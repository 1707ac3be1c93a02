import { chooseOrder, contractionFlops, type ContractionOrder } from "./contraction.js";
import type { Expression } from "../operator/expression.js";
import { expressions } from "../operator/expressions.js";
import type { Parameter } from "../layout/layout.js";
import { learnableTensors, type LearnableTensor } from "../operator/learnable.js";
import { operatorTensors } from "../operator/operator-tensors.js";
import type { Operator, OperatorForm } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";
import { elementCount } from "../shape.js";
import {
  hasRole,
  isOverVocabulary,
  readsVocabulary,
  spaceText,
  usedPositions,
  writesAttention,
  type FlopsOptions,
} from "./used-positions.js";
import { contractionOf, movableMaps } from "./weight-use.js";

/** One kind of product with grown weights in a learning step, in all the layers that have it. */
export interface PlannedUse {
  /** Parameter name, `{i}` for the layer; a tied readout goes by its own name. */
  readonly parameter: string;
  readonly layers: number;
  /** `gather-first`: the rows of a table are picked before they are grown. */
  readonly order: ContractionOrder | "gather-first";
  /** Floating-point operations of a step, forward and backward, in the order above and where every weight is built. */
  readonly flops: number;
  readonly naiveFlops: number;
}

/** The start of learning, as far as products depend on it. */
export interface PlannedStart {
  /** Names of grown tensors of which a part starts afresh. Default none. */
  readonly fresh?: ReadonlySet<string>;
  /** Learned rows of every operator tensor. Default: those of maps [I; C]. */
  readonly learnables?: ReadonlyMap<string, LearnableTensor>;
}

/**
 * The orders in which a learning step would form the products with grown weights, by the same cost model and choice as the
 * step itself, and what they cost beside building every weight. A multiply-add counts as two.
 *
 * Counted: products of activations with weights, of weights with width maps and of layers with depth matrices, forward
 * and backward. Readouts over a vocabulary, what stands before them outside stacks and what stands behind attention in the last
 * layer are used for labelled positions;
 * other heads once per sequence; tables are looked up for every token (words) or once per place (positions, types).
 *
 * Not counted: attention itself, biases and norms (depth, width and the sums of their gradients), the optimiser, and what
 * activation checkpointing does twice. A stack of class attention (CaiT) is taken to work on every token, so it counts for
 * more than it costs; patch projections are built in either order.
 */
export function planContractions(
  plan: Plan,
  form: OperatorForm | Operator,
  options: FlopsOptions,
  { fresh = new Set(), learnables = learnableTensors(plan, form) }: PlannedStart = {},
): readonly PlannedUse[] {
  const tensors = "tensors" in form ? form.tensors : operatorTensors(plan, form);
  const grown = new Map<string, Expression[]>();
  for (const expression of expressions(plan, {
    ...form,
    terms: "terms" in form ? form.terms : 1,
    has: (name) => tensors.has(name),
  })) {
    const known = grown.get(expression.parameter);
    if (known === undefined) grown.set(expression.parameter, [expression]);
    else known.push(expression);
  }
  const isFull = (map: string): boolean => learnables.get(map)?.frozenRows === 0;
  const { parameters } = plan.target;
  const readsWords = readsVocabulary(plan.target);
  return parameters.flatMap((parameter): PlannedUse[] => {
    const layers = grown.get(parameter.tiedTo ?? parameter.name) ?? [];
    const [first] = layers;
    if (parameter.mirrorOf !== undefined || first === undefined || first.shape.length < 2)
      return [];
    const frozenPart = fresh.has(first.name);
    const context = { layers, first, frozenPart, isFull, options, parameters };
    const positions = usedPositions(parameter, options, readsWords);
    const cost = layerCost(parameter, { ...context, tokens: positions.each });
    const last = layerCost(parameter, { ...context, tokens: positions.last });
    const mixing = mixingFlops(layers);
    const others = layers.length - 1;
    return [
      {
        parameter: parameter.name,
        layers: layers.length,
        order: cost.order,
        flops: mixing + others * cost.flops + last.flops,
        naiveFlops: mixing + others * cost.naiveFlops + last.naiveFlops,
      },
    ];
  });
}

/** The cost of one layer that works on so many positions. */
function layerCost(parameter: Parameter, context: LayerContext): Cost {
  const { first } = context;
  if (hasRole(parameter, "in")) return productCost(parameter, context);
  return first.shape.length === 2 && hasRole(parameter, "fixed")
    ? tableCost(parameter, context)
    : buildCost(parameter, context);
}

interface Context {
  /** Expressions of every layer, or one. */
  readonly layers: readonly Expression[];
  readonly first: Expression;
  /** Whether a part of it starts afresh, and stays as it is. */
  readonly frozenPart: boolean;
  readonly isFull: (map: string) => boolean;
  readonly options: FlopsOptions;
  readonly parameters: readonly Parameter[];
}

/** A layer, and the positions that it works on. */
interface LayerContext extends Context {
  readonly tokens: number;
}

/** The cost of one layer. */
type Cost = Pick<PlannedUse, "order" | "flops" | "naiveFlops">;

/** Depth mixing is one product [new layers, old layers] by the flattened layers, whose gradient is another; the layers have none. */
function mixingFlops([first, ...rest]: readonly Expression[]): number {
  if (first?.terms[0]?.depth === undefined) return 0;
  return 2 * 2 * (1 + rest.length) * first.sources.length * elementCount(first.sourceShape);
}

function productCost(parameter: Parameter, context: LayerContext): Cost {
  const { first, frozenPart, isFull, parameters, tokens } = context;
  const reads = spaceText(parameter, "in");
  const readers = writesAttention(parameter)
    ? parameters.filter(
        (other) =>
          other.stack === parameter.stack &&
          writesAttention(other) &&
          spaceText(other, "in") === reads,
      ).length
    : 1;
  const storage = parameter.axes[0]?.role === "in" ? "in-out" : "out-in";
  const contraction = contractionOf(first, { tokens, readers, storage, frozenPart, isFull });
  if (contraction === undefined) return buildCost(parameter, context);
  // The maps of a fused output stand in blocks, each with its part of the products.
  const parts =
    (first.shape[storage === "out-in" ? 0 : 1] ?? contraction.newOut) / contraction.newOut;
  const counted = { ...contraction, frozenWeight: first.terms[0]?.depth === undefined };
  const order = chooseOrder(contraction);
  const costOf = (of: ContractionOrder): number => parts * contractionFlops(of, counted);
  // A tied readout shares the table that is built for look-ups.
  const built =
    parameter.tiedTo === undefined ? 0 : costOf("materialise") - productFlops(first, tokens);
  return { order, flops: costOf(order), naiveFlops: costOf("materialise") - built };
}

/** A product of `tokens` activations with a target weight, forward and twice backward. */
const productFlops = ({ shape }: Expression, tokens: number): number =>
  3 * 2 * tokens * elementCount(shape);

/** Rows of a table that are grown by the map of its columns, which alone carries a gradient. */
function tableCost(parameter: Parameter, context: LayerContext): Cost {
  const { first, isFull, options } = context;
  if (movableMaps(first, 1) === undefined && first.order !== "depth-then-width")
    return buildCost(parameter, context);
  const [entries = 0, oldSize = 0] = first.sourceShape;
  const newSize = first.shape[1] ?? 0;
  const map = first.terms[0]?.axes[1]?.[0]?.map;
  const full = typeof map === "string" && isFull(map);
  const perRow = map === undefined ? 0 : 2 * 2 * oldSize * (full ? newSize : newSize - oldSize);
  const looked = isOverVocabulary(parameter) ? options.tokens : Math.min(entries, options.sequence);
  return { order: "gather-first", flops: perRow * looked, naiveFlops: perRow * entries };
}

/** A weight that can only be built: its axes grown one after the other, then its product if it has one. */
function buildCost(parameter: Parameter, context: LayerContext): Cost {
  const { first: expression, isFull, options } = context;
  const shape = [...expression.sourceShape];
  // width first: every source layer is grown, and has no gradient; once for all target layers
  const layered =
    expression.order === "width-then-depth" && expression.terms[0]?.depth !== undefined;
  const copies = layered ? expression.sources.length / context.layers.length : 1;
  let flops = 0;
  let isFirst = true;
  for (const [axis, segments] of (expression.terms[0]?.axes ?? []).entries()) {
    for (const { map, oldSize, newSize, spread } of segments ?? []) {
      const name = typeof map === "string" ? map : map?.[0];
      if (name === undefined) continue;
      const rows = spread !== undefined || isFull(name) ? newSize : newSize - oldSize;
      const others = elementCount(shape) / (shape[axis] ?? 1);
      const isFrozen = isFirst && (layered || expression.terms[0]?.depth === undefined);
      flops += 2 * (isFrozen ? 2 : 3) * copies * rows * oldSize * others;
    }
    isFirst = isFirst && segments === undefined;
    shape[axis] = expression.shape[axis] ?? 0;
  }
  const tokens = hasRole(parameter, "in")
    ? context.tokens
    : parameter.axes[0]?.role === "out"
      ? options.tokens
      : 0;
  const total = flops + productFlops(expression, tokens);
  return { order: "materialise", flops: total, naiveFlops: total };
}
