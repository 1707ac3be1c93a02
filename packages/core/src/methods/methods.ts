import type { Operator } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";
import type { Random } from "../random.js";
import { akiOperator } from "./aki.js";
import { directCopyOperator } from "./direct-copy.js";
import { fpiOperator } from "./fpi.js";
import type { FreshOptions } from "./fresh-options.js";
import { lemonOperator, type LemonOptions } from "./lemon.js";
import { ligoOperator, type LigoOptions } from "./ligo.js";
import { mangoOperator, type MangoOptions } from "./mango.js";
import { net2netOperator } from "./net2net.js";
import { randomOperator } from "./random-start.js";
import { stackOperator, type StackOptions } from "./stack.js";
import { tileOperator } from "./tile.js";
import type { OperatorPart } from "../operator/learnable.js";

/** A way to fill an operator. */
export interface Method<Options = object> {
  /** Whether the operator is then learned on data; otherwise it is final. */
  readonly needsData: boolean;
  /** What of it is learned. Default: all. */
  readonly learn?: OperatorPart;
  /** The operator, or where learning starts from. */
  readonly create: (plan: Plan, random: Random, options?: Options) => Operator;
}

export type MethodName =
  | "ligo"
  | "ligo-depth"
  | "ligo-width"
  | "ligo-lossless"
  | "mango"
  | "stack"
  | "interpolate"
  | "interlace"
  | "zero-block"
  | "net2net"
  | "fpi"
  | "aki"
  | "tile"
  | "lemon"
  | "direct-copy"
  | "random";

/** Interpolation; `interlace` is what the published code calls it. */
const interpolate: Method = {
  needsData: false,
  create: (plan) => stackOperator(plan, { depth: "interlace" }),
};

/** The methods by name. */
export const methods: {
  readonly ligo: Method<LigoOptions>;
  readonly "ligo-depth": Method<Pick<LigoOptions, "form" | "depth">>;
  readonly "ligo-width": Method<Pick<LigoOptions, "form" | "width" | "noise" | "perturbation">>;
  readonly "ligo-lossless": Method<LemonOptions>;
  readonly mango: Method<MangoOptions>;
  readonly stack: Method<StackOptions>;
  readonly interpolate: Method;
  readonly interlace: Method;
  readonly "zero-block": Method;
  readonly net2net: Method;
  readonly fpi: Method;
  readonly aki: Method;
  readonly tile: Method;
  readonly lemon: Method<LemonOptions>;
  readonly "direct-copy": Method<FreshOptions>;
  readonly random: Method<FreshOptions>;
} = {
  ligo: { needsData: true, create: ligoOperator },
  "ligo-depth": {
    needsData: true,
    learn: "depth",
    create: (plan, random, { form, depth } = {}) =>
      ligoOperator(plan, random, {
        ...(form === undefined ? {} : { form }),
        ...(depth === undefined ? {} : { depth }),
        width: "function-preserving",
      }),
  },
  "ligo-width": {
    needsData: true,
    learn: "width",
    create: (plan, random, options = {}) =>
      ligoOperator(plan, random, { ...options, depth: "stackbert" }),
  },
  "ligo-lossless": {
    needsData: true,
    create: (plan, random, { form = "target-layer", ...more } = {}) =>
      lemonOperator(plan, random, { ...more, form }),
  },
  mango: { needsData: true, create: mangoOperator },
  stack: { needsData: false, create: (plan, _random, options) => stackOperator(plan, options) },
  interpolate,
  interlace: interpolate,
  "zero-block": {
    needsData: false,
    create: (plan) => stackOperator(plan, { depth: "zero-block" }),
  },
  net2net: { needsData: false, create: net2netOperator },
  fpi: { needsData: false, create: fpiOperator },
  aki: { needsData: false, create: akiOperator },
  tile: { needsData: false, create: tileOperator },
  lemon: { needsData: false, create: lemonOperator },
  "direct-copy": { needsData: false, create: directCopyOperator },
  random: { needsData: false, create: randomOperator },
};
