import { learnedParts } from "./change-reasons.js";
import { keptUnless } from "./kept-function.js";
import { lemon, lemonOperator } from "./lemon.js";
import type { LigoSettings } from "./ligo.js";
import { defineMethod, type Method } from "./method.js";
import { form } from "./options.js";

export const ligoLossless: Method<Pick<LigoSettings, "form">, "ligo-lossless"> = defineMethod({
  name: "ligo-lossless",
  says: "Learns how units mix and how layers mix, from the start that `lemon` makes.",
  source: "LiGO, Wang et al., 2023, from LEMON",
  options: { form },
  learns: "all",
  keepsFunction: (plan) => keptUnless(learnedParts(plan, "all")),
  startKeepsFunction: (plan, architecture) => lemon.keepsFunction(plan, architecture),
  operator: (plan, { options, random }) => lemonOperator(plan, random, { form: options.form }),
});
