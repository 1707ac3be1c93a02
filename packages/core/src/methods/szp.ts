import { copiedFrom, freshEntries, type FreshOptions } from "./fresh-entries.js";
import { keptPart } from "./direct-copy.js";
import { keptUnless } from "./kept-function.js";
import { defineMethod, type Method } from "./method.js";
import { deviation, SHRINK, shrink } from "./options.js";

/** Options of `szp`, as settings name them. */
export interface SzpSettings extends FreshOptions {
  readonly shrink?: number | undefined;
}

/**
 * Shrink, zero-pad, perturb (Mallik et al., 2024): W' = s [W, 0; 0, 0] + E, with numbers E of muP's deviation in every entry of a
 * weight, old ones too: that of `deviation` at the source's width, times sqrt(d / d') where a weight reads a space that grows from d
 * to d'. Gains and biases are not shrunk; new ones, and new layers, start from scratch.
 */
export const szp: Method<SzpSettings, "szp"> = defineMethod({
  name: "szp",
  says: "The source's weights are shrunk and padded with zeros, and numbers are added to all of them.",
  source: "Warmstarting for Scaling Language Models, Mallik et al., 2024, arXiv:2411.07340",
  options: { deviation, shrink },
  learns: false,
  keepsFunction: (_plan, _architecture, options) =>
    keptUnless([
      `all weights are multiplied by ${options?.shrink ?? SHRINK}, and numbers are added to them`,
    ]),
  operator: (plan, { initialDeviation, options, random }) => ({
    ...keptPart(plan, random, options.shrink ?? SHRINK),
    fresh: {
      ...freshEntries(random, options.deviation ?? initialDeviation),
      places: { rule: "everywhere", layers: copiedFrom(plan, "kept", random), readPower: 0.5 },
    },
  }),
});
