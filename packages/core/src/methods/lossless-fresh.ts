import { elementSpaces, hasRmsNorms, isNormGain, isStream } from "../layout/norms.js";
import { gainScale, normShare, writeScale } from "../operator/new-units.js";
import { operatorForm } from "../operator/operator-tensors.js";
import type { Matrix, Operator } from "../operator/operator.js";
import { plannedSpaces, type PlannedSpace } from "../plan/planned-spaces.js";
import type { Plan } from "../plan/plan.js";
import { keptPick } from "../plan/unit-picks.js";
import type { Random } from "../random.js";
import { noisyUnits, tiedReadouts, zeroLayers } from "./change-reasons.js";
import { createOperator } from "./create-operator.js";
import { depthOrOne } from "./depth-start.js";
import { copiedFrom, freshEntries, relativeNoise } from "./fresh-entries.js";
import { functionPreservingRead, functionPreservingWidth } from "./function-preserving.js";
import { headChanges } from "./head-changes.js";
import { keptUnless } from "./kept-function.js";
import { defineMethod, type Method } from "./method.js";
import { noise } from "./options.js";
import { freshChannelChanges } from "./padding.js";
import { scaled } from "./scaled.js";

export interface LosslessFreshOptions {
  /** Deviation of noise on what new units hold, in units of each tensor's own. Default 0. */
  readonly noise?: number | undefined;
}

/**
 * Growth to any width whose new units are drawn, at the deviation of each tensor's own entries, and change nothing yet: on one side
 * of every new unit there are zeros.
 * - A new channel of a space with a norm over it (the residual stream) is written by nothing, or, where the norm takes the mean
 *   from its input, by the mean of the old ones: the norm makes 0 of it. What reads it is drawn. The mean square that the norm finds
 *   shrinks by s = D1 / D2, so its gain is multiplied by sqrt(s), and the epsilon it adds by s (`normEpsilonScale`); where that
 *   is fixed, what is written is multiplied by 1 / sqrt(s) instead. New gains are the mean of the old ones, new biases 0.
 * - New units of an MLP and new heads are drawn and read by nothing. Of new channels in an old head queries are drawn and keys
 *   zero, and queries make up for the scale of the scores.
 * - Added layers are copies that write nothing (zero blocks).
 */
export function losslessFreshOperator(
  plan: Plan,
  random: Random,
  { noise: deviation = 0 }: LosslessFreshOptions = {},
): Operator {
  const spaces = plannedSpaces(plan);
  const streams = [...spaces.values()].filter(({ name }) => isStream(plan.target, name));
  const grown = new Set(
    streams.filter(({ newSize, oldSize }) => newSize !== oldSize).map(({ name }) => name),
  );
  const scales = gainScales(plan, spaces);
  const normEpsilonScale = streams
    .map((space) => normShare(plan.target, space) * writeScale(plan.target, space) ** 2)
    .find((share) => share !== 1);
  const kept = (space: PlannedSpace): Matrix =>
    functionPreservingWidth(space, random, { pick: keptPick });
  const operator = createOperator(
    plan,
    operatorForm("model"),
    { separateRead: true, separateElem: grown, outsideStacks: new Set(scales.keys()) },
    {
      width(space) {
        // What a norm of heads reads is scaled as its epsilon is, which it shares with the norms over the stream.
        if (space.space.normedBy !== undefined)
          return scaled(kept(space), Math.sqrt(normEpsilonScale ?? 1));
        const isCentred = grown.has(space.name) && !hasRmsNorms(plan.target, space.name);
        const written = isCentred ? withMeans(kept(space)) : kept(space);
        return scaled(written, writeScale(plan.target, space));
      },
      read: (space) => functionPreservingRead(space, random, { pick: keptPick }),
      elem: kept,
      depth: (info) =>
        scaled(depthOrOne(plan, "zero-block", info, random), scales.get(info.parameter ?? "") ?? 1),
    },
  );
  return {
    ...operator,
    fresh: {
      ...freshEntries(random, 1),
      relative: true,
      places: { rule: "lossless", layers: copiedFrom(plan, "zero-block", random) },
    },
    ...relativeNoise(random, deviation),
    ...(normEpsilonScale === undefined ? {} : { normEpsilonScale }),
  };
}

/** The factors of norm gains where the norm finds less than before. */
function gainScales(
  plan: Plan,
  spaces: ReadonlyMap<string, PlannedSpace>,
): ReadonlyMap<string, number> {
  return new Map(
    plan.target.parameters.filter(isNormGain).flatMap((parameter): [string, number][] => {
      const space = spaces.get(elementSpaces(parameter)[0] ?? "");
      const scale = space === undefined ? 1 : gainScale(plan.target, parameter, space);
      return scale === 1 ? [] : [[parameter.name, scale]];
    }),
  );
}

/** A map whose empty rows are the mean of all old units. */
function withMeans({ columns, data, rows }: Matrix): Matrix {
  const filled = data.slice();
  for (let row = 0; row < rows; row++) {
    const own = filled.subarray(row * columns, (row + 1) * columns);
    if (own.every((value) => value === 0)) own.fill(1 / columns);
  }
  return { rows, columns, data: filled };
}

export const losslessFresh: Method<LosslessFreshOptions, "lossless-fresh"> = defineMethod({
  name: "lossless-fresh",
  says: "Loses nothing at any width where norms stand before the sublayers; new units are drawn and change nothing yet.",
  source: "zero initialisation of what is added, Shen et al., 2022; Wu et al., 2024",
  options: { noise },
  learns: false,
  keepsFunction: (plan, architecture, { noise: deviation = 0 } = {}) =>
    keptUnless([
      ...zeroLayers(plan),
      ...tiedReadouts(plan),
      ...freshChannelChanges(plan, architecture),
      ...headChanges(plan),
      ...noisyUnits(plan, deviation),
    ]),
  operator: (plan, { options, random }) =>
    losslessFreshOperator(plan, random, { noise: options.noise }),
});
