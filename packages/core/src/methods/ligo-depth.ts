import { learnedParts, tiedReadouts, unevenCopies } from "./change-reasons.js";
import { headChanges } from "./head-changes.js";
import { keptUnless } from "./kept-function.js";
import { ligoOperator, type LigoSettings } from "./ligo.js";
import { defineMethod, type Method } from "./method.js";
import { form, initialDepth } from "./options.js";
import { start, startOperator, startOptions } from "./starts.js";

export const ligoDepth: Method<
  Omit<LigoSettings, "initialWidth" | "perturbation">,
  "ligo-depth"
> = defineMethod({
  name: "ligo-depth",
  says: "Learns how layers mix; units are copied as in `stack`.",
  source: "LiGO, Wang et al., 2023, L_depth",
  options: { form, initialDepth, start, ...startOptions },
  learns: "depth",
  keepsFunction: (plan) =>
    keptUnless([
      ...learnedParts(plan, "depth"),
      ...unevenCopies(plan),
      ...tiedReadouts(plan),
      ...headChanges(plan),
    ]),
  operator: (plan, context) =>
    startOperator(plan, context, ({ options, random }) =>
      ligoOperator(plan, random, {
        form: options.form,
        depth: options.initialDepth,
        width: "function-preserving",
      }),
    ),
});
