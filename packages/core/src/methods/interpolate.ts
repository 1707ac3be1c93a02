import { defineMethod, type Method } from "./method.js";
import { stack, stackOperator } from "./stack.js";

export const interpolate: Method<object, "interpolate"> = defineMethod({
  ...stack,
  name: "interpolate",
  says: "Layer i copies layer floor(i L1 / L2); units as in `stack`.",
  source: "LiGO, Wang et al., 2023, Proposition 1",
  operator: (plan) => stackOperator(plan, { depth: "interlace" }),
});

export const interlace: Method<object, "interlace"> = defineMethod({
  ...interpolate,
  name: "interlace",
  says: "Another name for `interpolate`.",
  source: "published code of LiGO",
});
