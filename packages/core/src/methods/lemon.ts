import { elementSpaces, hasRmsNorms, isNormGain, isStream } from "../layout/norms.js";
import { operatorForm } from "../operator/operator-tensors.js";
import type { Matrix, Operator, WidthScope } from "../operator/operator.js";
import { plannedSpaces, type PlannedSpace } from "../plan/planned-spaces.js";
import type { Plan } from "../plan/plan.js";
import type { Random } from "../random.js";
import { noisyUnits, tiedReadouts, zeroLayers } from "./change-reasons.js";
import { createOperator } from "./create-operator.js";
import { depthOrOne } from "./depth-start.js";
import { functionPreservingRead, functionPreservingWidth } from "./function-preserving.js";
import { headChanges } from "./head-changes.js";
import { keptUnless } from "./kept-function.js";
import { relativeNoise } from "./fresh-entries.js";
import { noise } from "./options.js";
import { scaled } from "./scaled.js";
import { filled, paddingChanges } from "./padding.js";
import { defineMethod, type Method } from "./method.js";

export interface LemonOptions {
  /** Whether there is one map per space (default), or one per target or source layer, to learn from. */
  readonly form?: WidthScope;
  /** Deviation of noise on what new units hold, in units of each tensor's own. Default 0. */
  readonly noise?: number | undefined;
  /** Shares of the copies of a unit on the reading side. Default `uneven`, which breaks the symmetry between them. */
  readonly split?: "even" | "uneven";
}

/**
 * Lossless growth to any width, after LEMON (Wang et al., 2024). Units are copied evenly, k = floor(D2 / D1) times, and
 * what reads them takes unequal shares that sum to 1. Where a norm runs over the space, what is left of D2 holds
 * - of a centred norm (layer norm) the mean of the old units, and is read by nothing: the norm's mean stays;
 * - of an RMS norm zeros, which are read as copies are and so can learn; gains are those of copies (`elem` maps).
 * The variance, or the mean square, shrinks by s = k D1 / D2, so the norm's gain is multiplied by sqrt(s), and the epsilon it
 * adds by s (`normEpsilonScale`). Layers are added as zero blocks.
 *
 * Exact, up to rounding, where norms stand before the sublayers (GPT-2, ViT, Llama), whatever D2, with the epsilon set.
 */
export function lemonOperator(plan: Plan, random: Random, options: LemonOptions = {}): Operator {
  const { form = "model", noise: deviation = 0, split = "uneven" } = options;
  const normed = normedSpaces(plan);
  const scaleOf = (space: PlannedSpace): number => (normed.has(space.name) ? filled(space) : 1);
  const scales = normScales(plan, scaleOf);
  // Norms over several spaces that grow by different ratios would need an epsilon each.
  const normEpsilonScale = [...normed.values()].map(filled).find((scale) => scale !== 1);
  const zeroed = new Set(
    [...normed.values()]
      .filter((one) => scaleOf(one) !== 1 && hasRmsNorms(plan.target, one.name))
      .map(({ name }) => name),
  );
  const operator = createOperator(
    plan,
    operatorForm(form),
    { separateRead: true, separateElem: zeroed, outsideStacks: new Set(scales.keys()) },
    {
      width(space) {
        const write = (one: PlannedSpace): Matrix => functionPreservingWidth(one, random);
        // What a norm of heads reads is scaled as its epsilon is, which it shares with the norms over padded spaces.
        if (space.space.normedBy !== undefined)
          return scaled(write(space), Math.sqrt(normEpsilonScale ?? 1));
        if (scaleOf(space) === 1) return write(space);
        return padded(space, write, zeroed.has(space.name) ? "zeros" : "mean");
      },
      read(space, _info, name) {
        const read = (one: PlannedSpace): Matrix =>
          functionPreservingRead(one, random.fork(name), { split });
        if (scaleOf(space) === 1) return read(space);
        return padded(space, read, zeroed.has(space.name) ? "copies" : "zeros");
      },
      elem: (space) => padded(space, (whole) => functionPreservingWidth(whole, random), "copies"),
      depth(info) {
        const scale = scales.get(info.parameter ?? "") ?? 1;
        return scaled(depthOrOne(plan, "zero-block", info, random), Math.sqrt(scale));
      },
    },
  );
  return {
    ...operator,
    ...relativeNoise(random, deviation),
    ...(normEpsilonScale === undefined ? {} : { normEpsilonScale }),
  };
}

function normedSpaces(plan: Plan): ReadonlyMap<string, PlannedSpace> {
  return new Map([...plannedSpaces(plan)].filter(([name]) => isStream(plan.target, name)));
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

/** The map of the whole copies, and for what is left of the space the mean of all old units, one of them each, or nothing. */
function padded(
  space: PlannedSpace,
  mapOf: (whole: PlannedSpace) => Matrix,
  rest: "mean" | "copies" | "zeros",
): Matrix {
  const { oldSize, newSize } = space;
  const whole = newSize - (newSize % oldSize);
  const data = new Float32Array(newSize * oldSize);
  data.set(mapOf({ ...space, newSize: whole }).data);
  if (rest === "mean") data.fill(1 / oldSize, whole * oldSize);
  if (rest === "copies")
    for (let row = whole; row < newSize; row++) data[row * oldSize + (row % oldSize)] = 1;
  return { rows: newSize, columns: oldSize, data };
}

/** Options of `lemon`, as settings name them. */
export interface LemonSettings {
  readonly noise?: number | undefined;
}

export const lemon: Method<LemonSettings, "lemon"> = defineMethod({
  name: "lemon",
  says: "Loses nothing at any width where norms stand before the sublayers; added layers write nothing yet.",
  source: "LEMON, Wang et al., 2024, arXiv:2310.07999",
  options: { noise },
  learns: false,
  keepsFunction: (plan, architecture, { noise: deviation = 0 } = {}) =>
    keptUnless([
      ...zeroLayers(plan),
      ...tiedReadouts(plan),
      ...paddingChanges(plan, architecture),
      ...headChanges(plan),
      ...noisyUnits(plan, deviation),
    ]),
  operator: (plan, { options, random }) => lemonOperator(plan, random, { noise: options.noise }),
});
