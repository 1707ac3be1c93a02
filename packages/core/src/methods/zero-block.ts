import { tiedReadouts, unevenCopies, zeroLayers } from "./change-reasons.js";
import { headChanges } from "./head-changes.js";
import { keptUnless } from "./kept-function.js";
import { defineMethod, type Method } from "./method.js";
import { stackOperator } from "./stack.js";

export const zeroBlock: Method<object, "zero-block"> = defineMethod({
  name: "zero-block",
  says: "Copied layers are added that write nothing yet; units as in `stack`.",
  source: "LLaMA Pro, Wu et al., 2024; Shen et al., 2022",
  options: {},
  learns: false,
  keepsFunction: (plan) =>
    keptUnless([
      ...zeroLayers(plan),
      ...unevenCopies(plan),
      ...tiedReadouts(plan),
      ...headChanges(plan),
    ]),
  operator: (plan) => stackOperator(plan, { depth: "zero-block" }),
});
