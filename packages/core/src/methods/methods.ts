import type { Operator } from "../operator.js";
import type { Plan } from "../plan.js";
import type { Random } from "../random.js";
import { ligoOperator, type LigoOptions } from "./ligo.js";
import { stackOperator, type StackOptions } from "./stack.js";

/** A way to fill an operator. */
export interface Method<Options> {
  /** Whether the operator is then learned on data; otherwise it is final. */
  readonly needsData: boolean;
  /** The operator, or where learning starts from. */
  readonly create: (plan: Plan, random: Random, options?: Options) => Operator;
}

export type MethodName = "ligo" | "stack" | "interpolate" | "zero-block";

/** The methods by name. */
export const methods: {
  readonly ligo: Method<LigoOptions>;
  readonly stack: Method<StackOptions>;
  readonly interpolate: Method<undefined>;
  readonly "zero-block": Method<undefined>;
} = {
  ligo: { needsData: true, create: ligoOperator },
  stack: { needsData: false, create: (plan, _random, options) => stackOperator(plan, options) },
  interpolate: {
    needsData: false,
    create: (plan) => stackOperator(plan, { depth: "interlace" }),
  },
  "zero-block": {
    needsData: false,
    create: (plan) => stackOperator(plan, { depth: "zero-block" }),
  },
};
