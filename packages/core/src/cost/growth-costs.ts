import { learnableTensors, type LearnableTensor } from "../operator/learnable.js";
import { operatorForm } from "../operator/operator-tensors.js";
import { freshNames } from "../operator/fresh-part.js";
import { learnableRows } from "../operator/learnable-rows.js";
import type { Operator, WidthScope } from "../operator/operator.js";
import type { Plan } from "../plan/plan.js";
import { elementCount } from "../shape.js";
import { attentionFlops, parameterCount } from "./estimates.js";
import type { FlopsOptions } from "./used-positions.js";
import { planContractions, type PlannedUse } from "./plan-contractions.js";

/** The costs of growing, from shapes alone. */
export interface GrowthCosts {
  /** Learned rows of every operator tensor, by name. */
  readonly learnables: ReadonlyMap<string, LearnableTensor>;
  /** Values to learn in all. */
  readonly learnableValues: number;
  /** Floating-point operations of a learning step, in the planned orders and where every grown weight is built. */
  readonly flops: number;
  readonly naiveFlops: number;
  /** The share of attention itself in both. */
  readonly attentionFlops: number;
  readonly products: readonly PlannedUse[];
  /** Bytes of weights, gradients and moments; what the activations take comes on top. */
  readonly memory: { readonly grow: number; readonly learn: number; readonly train: number };
}

const FLOAT_BYTES = 4;

/**
 * Costs of a plan, for an operator of a form and a step that works on so many tokens.
 *
 * @param start the operator that learning starts from, whose form counts then. Default: [I; C] for every space
 */
export function growthCosts(
  plan: Plan,
  form: WidthScope,
  work: FlopsOptions,
  start?: Operator,
): GrowthCosts {
  const learnables =
    start === undefined ? learnableTensors(plan, operatorForm(form)) : learnableRows(plan, start);
  const fresh = start === undefined ? new Set<string>() : freshNames(plan, start);
  const freshNumbers = total(
    plan.tensors.filter(({ name }) => fresh.has(name)).map(({ shape }) => elementCount(shape)),
  );
  const learnableValues = total(
    [...learnables.values()].map(({ rows, frozenRows, columns }) => (rows - frozenRows) * columns),
  );
  const products = planContractions(plan, start ?? operatorForm(form), work, { fresh, learnables });
  const attention = 3 * attentionFlops(plan.target, work.tokens, work.sequence);
  const [small, large] = [parameterCount(plan.source), parameterCount(plan.target)];
  return {
    learnables,
    learnableValues,
    flops: attention + total(products.map(({ flops }) => flops)),
    naiveFlops: attention + total(products.map(({ naiveFlops }) => naiveFlops)),
    attentionFlops: attention,
    products,
    memory: {
      // A target tensor and its products, and the source tensors it is made of.
      grow:
        FLOAT_BYTES *
        Math.max(
          ...plan.tensors.map(
            (one) => 3 * elementCount(one.shape) + 2 * elementCount(one.sourceShape),
          ),
        ),
      // Source weights; the operator with gradients and two moments; grown weights and their gradients; what starts afresh.
      learn: FLOAT_BYTES * (small + 4 * learnableValues + 2 * large + freshNumbers),
      // Weights, gradients and two moments.
      train: FLOAT_BYTES * 4 * large,
    },
  };
}

/** Sum of numbers. */
export function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
