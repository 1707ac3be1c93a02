import type { Expression, ExpressionTerm } from "@ligo/core/operator";
import * as tf from "@ligo/tfjs";
import type { GrowingTensors } from "./growing-tensors.js";
import { kindMixer } from "./mix-kinds.js";
import { blockByBlock, bySpaces } from "./interleaved-rows.js";
import { unstack } from "./unstack.js";
import { segmentMaps, widen } from "./width-map.js";

/** Tensors of grown parameters, each made once. */
export interface GrownTensors {
  /** The tensor of a term after depth mixing: not yet widened (depth first) or already. */
  mix(expression: Expression, term: ExpressionTerm): tf.Tensor;
  /** The whole tensor. */
  materialise(expression: Expression): tf.Tensor;
}

/** Makes tensors of grown parameters: depth mixing is one product for all layers of a stack. */
export function grownTensors(given: GrowingTensors): GrownTensors {
  const tensors = bySpaces(given);
  const mixed = new Map<string, tf.Tensor[]>();
  const whole = new Map<string, tf.Tensor>();
  const mixKinds = kindMixer(tensors);
  const vectors = stackedVectors(tensors.expressions);
  const maps = segmentMaps((name) => tensors.map(name));
  const widened = (term: ExpressionTerm, x: tf.Tensor, layer: number): tf.Tensor =>
    widen(term, x, layer, maps);
  /** Whether {@link mix} gives a tensor that is widened: width comes first, or a bias or gain is widened with its stack. */
  const mixesWidened = ({ order, parameter }: Expression): boolean =>
    order !== "depth-then-width" || vectors.has(parameter);

  const mix = (expression: Expression, term: ExpressionTerm): tf.Tensor => {
    const { factor = 1, offset = 0, order, parameter, sourceShape } = expression;
    const isDepthFirst = order === "depth-then-width";
    const own = term.kinds ? mixKinds(term.kinds) : tensors.source(parameter);
    const whole = offset === 0 ? own : own.add(offset);
    const given = factor === 1 ? whole : whole.mul(factor);
    if (!term.depth) return isDepthFirst ? given : widened(term, given, 0);
    const key = `${term.depth.tensor} ${parameter}`;
    let layers = mixed.get(key);
    if (!layers) {
      // A parameter outside stacks with a coefficient is a stack of one.
      const source = given.rank > sourceShape.length ? given : given.expandDims(0);
      const stack = isDepthFirst
        ? source
        : tf.stack(unstack(source).map((layer, index) => widened(term, layer, index)));
      const product = mixLayers(tensors.depth(term.depth.tensor), stack);
      layers = unstack(
        isDepthFirst && mixesWidened(expression) ? widened(term, product, 0) : product,
      );
      mixed.set(key, layers);
    }
    return layers[term.depth.row] as tf.Tensor;
  };
  return {
    mix,
    materialise(expression) {
      const known = whole.get(expression.name);
      if (known) return known;
      const terms = expression.terms.map((term) => {
        const x = mix(expression, term);
        return mixesWidened(expression) ? x : widened(term, x, 0);
      });
      const sum = terms.length === 1 ? (terms[0] as tf.Tensor) : tf.addN(terms);
      const { interleaved, offset = 0, shape } = expression;
      const grown = (offset === 0 ? sum : sum.sub(offset)).reshape([...shape]);
      const stored = interleaved === undefined ? grown : blockByBlock(grown, interleaved.target);
      const fresh = tensors.fresh?.(expression.name);
      const made = fresh === undefined ? stored : stored.add(fresh);
      whole.set(expression.name, made);
      return made;
    },
  };
}

/** Rows of `depth` [new layers, old layers] times a stack [old layers, ...], as one product of flattened layers. */
function mixLayers(depth: tf.Tensor2D, layers: tf.Tensor): tf.Tensor {
  return tf
    .matMul(depth, layers.reshape([layers.shape[0], -1]))
    .reshape([depth.shape[0], ...layers.shape.slice(1)]);
}

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
    [...ways].flatMap(([name, kinds]) => (kinds.size === 1 && !kinds.has("") ? [name] : [])),
  );
}
