import { widthMatrix } from "./initials/width.js";
import { operatorForm } from "../operator/operator-tensors.js";
import type { Operator, WidthScope } from "../operator/operator.js";
import { keptUnits } from "../plan/select-units.js";
import type { Plan } from "../plan/plan.js";
import type { Random } from "../random.js";
import { learnedParts } from "./change-reasons.js";
import { createOperator } from "./create-operator.js";
import { depthStart, type DepthStart } from "./depth-start.js";
import { functionPreservingRead, functionPreservingWidth } from "./function-preserving.js";
import { keptUnless } from "./kept-function.js";
import { defineMethod, type Method } from "./method.js";
import { withPerturbation } from "./fresh-entries.js";
import { start, startOperator, startOptions, type StartName, type StartOptions } from "./starts.js";
import * as option from "./options.js";

export interface LigoOptions {
  /**
   * Width maps per target layer and depth before width (the published code, default), per source layer and width before
   * depth (the paper's equations), or one map per space.
   */
  readonly form?: WidthScope;
  /** Start of the depth matrices. Default `stackbert_noisy`, as published. */
  readonly depth?: DepthStart;
  /**
   * Start of the width maps. Default `rand`, as published: [I; C] with random means. `function-preserving` starts from
   * copies and adds separate reading maps.
   */
  readonly width?: option.InitialWidth;
  /** With `function-preserving`: relative noise on the new rows. Default 0. */
  readonly noise?: number;
  /**
   * Standard deviation of what is added, once learning is over, to the entries that new units hold (`Operator`'s
   * `perturbation`). Default 0: none, as published.
   */
  readonly perturbation?: number;
}

/** Whether operators with this start have `read` maps. */
export function hasSeparateRead(width: LigoOptions["width"]): boolean {
  return width === "function-preserving";
}

/**
 * The operator that learning starts from. Each tensor draws from a fork of `random` named after it, so that one start
 * does not depend on the others.
 */
export function ligoOperator(plan: Plan, random: Random, options: LigoOptions = {}): Operator {
  const { form = "target-layer", depth = "stackbert_noisy", width = "rand", noise = 0 } = options;
  const { perturbation = 0 } = options;
  const operator = createOperator(
    plan,
    operatorForm(form),
    { separateRead: hasSeparateRead(width) },
    {
      width: (space, _info, name) =>
        width === "function-preserving"
          ? functionPreservingWidth(space, random.fork(name), { noise })
          : widthMatrix(width, space.newSize, space.oldSize, random.fork(name), keptUnits(space)),
      read: (space, _info, name) => functionPreservingRead(space, random.fork(name), { noise }),
      depth: (info, name) => depthStart(plan, depth, info, random.fork(name)),
    },
  );
  return withPerturbation(plan, random, operator, perturbation);
}

/** Options of `ligo`, as settings name them. */
export interface LigoSettings extends StartOptions {
  readonly start?: StartName | undefined;
  readonly form: WidthScope;
  readonly initialDepth: option.InitialDepth;
  readonly initialWidth: option.InitialWidth;
  readonly perturbation?: number | undefined;
}

export const ligo: Method<LigoSettings, "ligo"> = defineMethod({
  name: "ligo",
  says: "Learns how units mix and how layers mix.",
  source: "LiGO, Wang et al., 2023, arXiv:2303.00980",
  options: {
    form: option.form,
    initialDepth: option.initialDepth,
    initialWidth: option.initialWidth,
    perturbation: option.perturbation,
    start,
    ...startOptions,
  },
  learns: "all",
  keepsFunction: (plan) => keptUnless(learnedParts(plan, "all")),
  operator: (plan, context) =>
    startOperator(plan, context, ({ initialDeviation, options, random }) =>
      ligoOperator(plan, random, {
        form: options.form,
        depth: options.initialDepth,
        width: options.initialWidth,
        perturbation: options.perturbation ?? initialDeviation,
      }),
    ),
});
