import { writesResidual } from "../layout/residual.js";
import type { DrawnEntries, FreshPlaces, Operator } from "../operator/operator.js";
import { plannedSpaces } from "../plan/planned-spaces.js";
import type { Plan } from "../plan/plan.js";
import type { Random } from "../random.js";
import { depthStart, type DepthStart } from "./depth-start.js";

/** Options of methods that start a part of the grown model from scratch. */
export interface FreshOptions {
  /** Standard deviation of new normal weights. Default: the target's `initializer_range`. */
  readonly deviation?: number | undefined;
}

/** Entries that start from scratch, drawn from a seed of their own. */
export function freshEntries(random: Random, deviation: number): DrawnEntries {
  return { seed: random.fork("fresh").integer(2 ** 32), deviation };
}

/** Numbers added to what new units hold, in units of each tensor's own deviation; nothing where it is 0. */
export function relativeNoise(
  random: Random,
  noise: number,
): { readonly perturbation?: DrawnEntries } {
  if (noise === 0) return {};
  const seed = random.fork("noise").integer(2 ** 32);
  return { perturbation: { seed, deviation: noise, relative: true } };
}

/** The operator with normal numbers to be added to what new units hold, once learning is over; as it is where nothing grows. */
export function withPerturbation(
  plan: Plan,
  random: Random,
  operator: Operator,
  deviation: number,
): Operator {
  const grows = [...plannedSpaces(plan).values()].some((space) => space.newSize > space.oldSize);
  if (deviation === 0 || !grows) return operator;
  const seed = random.fork("perturbation").integer(2 ** 32);
  return { ...operator, perturbation: { seed, deviation } };
}

/** The source layer that each layer is made of by a start that copies layers; `null` for one that is made of none. */
export function copiedFrom(
  plan: Plan,
  start: Extract<DepthStart, "zero-block" | "kept" | "stackbert" | "interlace" | "stack-top">,
  random: Random,
): FreshPlaces["layers"] {
  return Object.fromEntries(
    Object.entries(plan.target.stacks).map(([stack, { layers: rows }]) => {
      const parameter = plan.target.parameters.find(
        (one) => one.stack === stack && !writesResidual(plan.target, one),
      );
      const info = { rows, columns: plan.source.stacks[stack]?.layers ?? rows, stack };
      const { columns, data } = depthStart(
        plan,
        start,
        { ...info, kind: "depth", term: 0, ...(parameter && { parameter: parameter.name }) },
        random,
      );
      const made = Array.from({ length: rows }, (_, row) => {
        const layer = data.subarray(row * columns, (row + 1) * columns).indexOf(1);
        return layer < 0 ? null : layer;
      });
      return [stack, made];
    }),
  );
}
