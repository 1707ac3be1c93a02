import { copiedLayers, learnedParts } from "./change-reasons.js";
import { keptUnless } from "./kept-function.js";
import { ligoOperator, type LigoSettings } from "./ligo.js";
import { defineMethod, type Method } from "./method.js";
import { form, initialWidth, perturbation } from "./options.js";
import { start, startOperator, startOptions } from "./starts.js";

export const ligoWidth: Method<Omit<LigoSettings, "initialDepth">, "ligo-width"> = defineMethod({
  name: "ligo-width",
  says: "Learns how units mix; layers are stacked.",
  source: "LiGO, Wang et al., 2023, R_width",
  options: { form, initialWidth, perturbation, start, ...startOptions },
  learns: "width",
  keepsFunction: (plan) => keptUnless([...copiedLayers(plan), ...learnedParts(plan, "width")]),
  operator: (plan, context) =>
    startOperator(plan, context, ({ initialDeviation, options, random }) =>
      ligoOperator(plan, random, {
        form: options.form,
        depth: "stackbert",
        width: options.initialWidth,
        perturbation: options.perturbation ?? initialDeviation,
      }),
    ),
});
