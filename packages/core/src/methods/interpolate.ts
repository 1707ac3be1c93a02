import { defineMethod, type Method } from "./method.js";
import { redrawnCopies, type RedrawnOptions } from "./redrawn-units.js";
import { stack } from "./stack.js";
import { cyclicPick } from "../plan/unit-picks.js";

export const interpolate: Method<RedrawnOptions, "interpolate"> = defineMethod({
  ...stack,
  name: "interpolate",
  says: "Layer i copies layer floor(i L1 / L2); units as in `stack`.",
  source: "LiGO, Wang et al., 2023, Proposition 1",
  operator: (plan, { options, random }) =>
    redrawnCopies(plan, random, { pick: cyclicPick, depth: "interlace", ...options }),
});

export const interlace: Method<RedrawnOptions, "interlace"> = defineMethod({
  ...interpolate,
  name: "interlace",
  says: "Another name for `interpolate`.",
  source: "published code of LiGO",
});
