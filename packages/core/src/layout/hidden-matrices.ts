import { axisSpaces, spaceOf } from "./layout-names.js";
import type { Axis, Layout, Parameter } from "./layout.js";

/** Matrices that a tensor of two axes holds behind each other along one of them; one that is not fused holds one. */
export interface MatrixParts {
  readonly axis: 0 | 1;
  /** Sizes along the axis, in order. */
  readonly sizes: readonly number[];
  /** Blocks of the axis, each of which holds its share of every part: heads of GPT-NeoX. Default 1. */
  readonly blocks?: number;
}

/**
 * The matrices of a parameter that maps one hidden space to another within a layer: kernels of attention and of the MLP.
 * `undefined` of all others: embeddings, readouts and what else stands outside layers, norms, biases.
 */
export function hiddenMatrix(layout: Layout, parameter: Parameter): MatrixParts | undefined {
  const [first, second, ...more] = parameter.axes;
  if (parameter.stack === undefined || first === undefined || second === undefined)
    return undefined;
  const roles = [first.role, second.role];
  if (more.length > 0 || !roles.includes("in") || !roles.includes("out")) return undefined;
  const axis = axisSpaces(second).length > 1 ? 1 : 0;
  const fused = axis === 1 ? second : first;
  const sizes = axisSpaces(fused).map((space) => spaceOf(layout, space).size);
  return { axis, sizes, ...blocksOf(layout, fused) };
}

/** Blocks of an axis that interleaves its spaces: the units of the factor that it names. */
function blocksOf(layout: Layout, fused: Axis): Pick<MatrixParts, "blocks"> {
  const { interleavedBy } = fused;
  if (interleavedBy === undefined) return {};
  const [space = ""] = axisSpaces(fused);
  const factor = spaceOf(layout, space).factors?.find(({ name }) => name === interleavedBy);
  return factor === undefined ? {} : { blocks: factor.size };
}
