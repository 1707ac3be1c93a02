import { axisSpaces } from "../layout/layout-names.js";
import type { Parameter } from "../layout/layout.js";
import { operatorForm, type OperatorTensorInfo } from "../operator/operator-tensors.js";
import type { Matrix, Operator, WidthScope } from "../operator/operator.js";
import { plannedSpaces, type PlannedSpace } from "../plan/planned-spaces.js";
import type { Plan } from "../plan/plan.js";
import type { Random } from "../random.js";
import { createOperator } from "./create-operator.js";
import { depthStart } from "./depth-start.js";
import { functionPreservingRead, functionPreservingWidth } from "./function-preserving.js";

export interface LemonOptions {
  /** Whether there is one map per space (default), or one per target or source layer, to learn from. */
  readonly form?: WidthScope;
  /** How the copies of a unit share it on the reading side. Default `uneven`, which breaks the symmetry between them. */
  readonly split?: "even" | "uneven";
}

/**
 * Lossless growth to any width, after LEMON (Wang et al., 2024). Units are copied evenly, k = floor(D2 / D1) times, and
 * what reads them takes unequal shares that sum to 1. Where a norm runs over the space, what is left of D2 holds the mean
 * of the old units and is read by nothing: the norm's mean stays, its variance shrinks by s = k D1 / D2, so the norm's gain
 * is multiplied by sqrt(s), and the epsilon it adds by s (`normEpsilonScale`). Layers are added as zero blocks.
 *
 * Exact, up to rounding, where norms stand before the sublayers (GPT-2, ViT, DeiT), whatever D2, with the epsilon set. Not
 * exact for other D2 than multiples of D1 where norms stand after the sums (BERT: the mean of a norm's outputs is not its
 * output), where a nonlinearity lies between a space and its norm (the head of masked language models), or where a branch
 * is scaled per channel (LayerScale of CaiT).
 */
export function lemonOperator(plan: Plan, random: Random, options: LemonOptions = {}): Operator {
  const { form = "model", split = "uneven" } = options;
  const normed = normedSpaces(plan);
  const scaleOf = (space: PlannedSpace): number => (normed.has(space.name) ? filled(space) : 1);
  const scales = normScales(plan, scaleOf);
  const operator = createOperator(
    plan,
    operatorForm(form),
    { separateRead: true, outsideStacks: new Set(scales.keys()) },
    {
      width: (space) =>
        scaleOf(space) === 1
          ? functionPreservingWidth(space, random)
          : meanPadded(space, (whole) => functionPreservingWidth(whole, random), true),
      read(space, _info, name) {
        const read = (one: PlannedSpace): Matrix =>
          functionPreservingRead(one, random.fork(name), { split });
        return scaleOf(space) === 1 ? read(space) : meanPadded(space, read, false);
      },
      depth(info) {
        const scale = scales.get(info.parameter ?? "") ?? 1;
        return scaled(depthOf(plan, info, random), Math.sqrt(scale));
      },
    },
  );
  // Norms over several spaces that grow by different ratios would need an epsilon each.
  const normEpsilonScale = [...normed.values()].map(filled).find((scale) => scale !== 1);
  return normEpsilonScale === undefined ? operator : { ...operator, normEpsilonScale };
}

/** Share of a space's new units that are copies: k D1 / D2. */
const filled = ({ oldSize, newSize }: PlannedSpace): number =>
  (newSize - (newSize % oldSize)) / newSize;

/** A gain per channel that starts at one is a norm's. */
const isNormGain = ({ axes, initial }: Parameter): boolean =>
  initial === "ones" && axes.some(({ role }) => role === "elem");

const elementSpaces = ({ axes }: Parameter): readonly string[] =>
  axes.flatMap((axis) => (axis.role === "elem" ? axisSpaces(axis) : []));

function normedSpaces(plan: Plan): ReadonlyMap<string, PlannedSpace> {
  const names = new Set(plan.target.parameters.filter(isNormGain).flatMap(elementSpaces));
  return new Map([...plannedSpaces(plan)].filter(([name]) => names.has(name)));
}

/** The norm gains whose space is padded, and the scale of the variance there. */
function normScales(
  plan: Plan,
  scaleOf: (space: PlannedSpace) => number,
): ReadonlyMap<string, number> {
  const spaces = plannedSpaces(plan);
  return new Map(
    plan.target.parameters.filter(isNormGain).flatMap((parameter): [string, number][] => {
      const space = spaces.get(elementSpaces(parameter)[0] ?? "");
      const scale = space === undefined ? 1 : scaleOf(space);
      return scale === 1 ? [] : [[parameter.name, scale]];
    }),
  );
}

/** The map of the whole copies, and for what is left of the space the mean of all old units, or nothing. */
function meanPadded(
  space: PlannedSpace,
  mapOf: (whole: PlannedSpace) => Matrix,
  isMean: boolean,
): Matrix {
  const { oldSize, newSize } = space;
  const copies = mapOf({ ...space, newSize: newSize - (newSize % oldSize) });
  const data = new Float32Array(newSize * oldSize);
  data.set(copies.data);
  if (isMean) data.fill(1 / oldSize, copies.data.length);
  return { rows: newSize, columns: oldSize, data };
}

function depthOf(plan: Plan, info: OperatorTensorInfo, random: Random): Matrix {
  if (info.stack !== undefined) return depthStart(plan, "zero-block", info, random);
  return { rows: 1, columns: 1, data: Float32Array.of(1) };
}

function scaled(matrix: Matrix, factor: number): Matrix {
  return factor === 1 ? matrix : { ...matrix, data: matrix.data.map((value) => factor * value) };
}
