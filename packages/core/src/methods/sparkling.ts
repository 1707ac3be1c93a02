import type { Plan } from "../plan/plan.js";
import {
  copiedLayers,
  deeperStacks,
  tiedReadouts,
  unevenCopies,
  unevenReads,
} from "./change-reasons.js";
import { copyOperator } from "./copy-operator.js";
import { directCopy, freshUnits } from "./direct-copy.js";
import { headChanges } from "./head-changes.js";
import { keptUnless } from "./kept-function.js";
import { defineMethod, type Method } from "./method.js";
import { newUnits, type NewUnits } from "./options.js";

/** Options of `sparkling`, as settings name them. */
export interface SparklingSettings {
  readonly newUnits?: NewUnits | undefined;
}

/**
 * Width at equal root mean squares (SPARKLING, Yu et al., 2026): what writes a space that grows, and norms, are not rescaled; what
 * reads it is, so that activations keep their root mean square.
 * - `copies`: units are copied in turn on both sides, and reads take sqrt(d / (3 d' - 2 d)) up to d' = 2 d: one half there, as for
 *   copies that keep the function. Beyond, and for heads, d over the sum of squares of the numbers of copies. Layers as `stack`.
 * - `fresh`: new units are drawn at each tensor's own deviation, and reads, drawn ones too, take sqrt(d / d'). Layers as
 *   `direct-copy`.
 */
export const sparkling: Method<SparklingSettings, "sparkling"> = defineMethod({
  name: "sparkling",
  says: "Units are copied or drawn, and reads rescaled so that activations keep their root mean square.",
  source: "SPARKLING, Yu et al., 2026, arXiv:2602.02472",
  options: { newUnits },
  learns: false,
  keepsFunction: (plan, _architecture, { newUnits: units = "copies" } = {}) =>
    units === "fresh"
      ? keptUnless([...drawnLayers(plan), ...freshUnits(plan), ...headChanges(plan)])
      : keptUnless([
          ...copiedLayers(plan),
          ...unevenCopies(plan),
          ...unevenReads(plan),
          ...tiedReadouts(plan),
          ...headChanges(plan),
        ]),
  operator: (plan, { options, random }) =>
    options.newUnits === "fresh"
      ? directCopy.operator(plan, {
          random,
          // the power that keeps the root mean square of a sum over independent units
          options: { ownDeviation: true, readPower: 0.5 },
        })
      : copyOperator(plan, random, { depth: "stackbert", split: "rms" }),
});

/** New layers are live from the start, also where a scale would start at zero. */
function drawnLayers(plan: Plan): readonly string[] {
  return plan.layers === undefined
    ? deeperStacks(plan, "inserted ones are drawn")
    : copiedLayers(plan);
}
