import type { RawConfig } from "../layout/architecture.js";
import { PlanError } from "../errors/plan-error.js";
import { stackOf, type LayoutTensor } from "../layout/layout-names.js";
import type { Layout } from "../layout/layout.js";
import type { MethodName } from "./methods.js";

/** The part of a model that is not trained in a phase. Without gradients there, the backward pass ends above it. */
export interface FrozenPart {
  /** So many layers of every stack, from the first. */
  readonly layers: number;
  /** Regular expressions (source text) of parameters outside stacks: what lies below the layers. */
  readonly outsideStacks: readonly string[];
}

/** A part of a training run with one size of model. Plain data, as a recipe holds it. */
export interface Phase {
  /** Keys of the target's config that are different in this phase. */
  readonly config: RawConfig;
  /** Share of all steps. */
  readonly share: number;
  /** The method that grows the model of the phase before to this one; the first phase has none. */
  readonly method?: MethodName;
  /** Default: everything is trained. */
  readonly frozen?: FrozenPart;
}

/** A phase with its steps counted out. */
export interface TimedPhase extends Phase {
  /** The first step, from 0, and the one after the last. */
  readonly from: number;
  readonly to: number;
}

export interface StackingOptions {
  /** Config key of the number of layers: `num_hidden_layers`, `n_layer`. */
  readonly key: string;
  /** Layers of each phase, the last those of the target. */
  readonly layers: readonly number[];
}

/**
 * Gradual stacking (StackBERT, Gong et al., 2019): a shallow model is trained and stacked on itself, twice over. The
 * published steps are 50, 70 and 280 of 400 thousand for 3, 6 and 12 layers; the learning rate goes on, moments start anew.
 *
 * @param shares of the phases' steps; default the published ones
 */
export function gradualStacking(
  { key, layers }: StackingOptions,
  shares: readonly number[] = [50 / 400, 70 / 400, 280 / 400],
): readonly Phase[] {
  return phasesOf(key, layers, shares).map((phase, index) =>
    index === 0 ? phase : { ...phase, method: "stack" },
  );
}

export interface MultiStageOptions extends StackingOptions {
  /** Regular expressions of what lies below the layers: `^bert\\.embeddings\\.`. */
  readonly below: readonly string[];
  /** Share of the steps in which, at the end, all layers are trained. */
  readonly joint: number;
}

/**
 * Multi-stage layerwise training (MSLT, Yang et al., 2020): each phase puts copies of the uppermost layers on top and trains
 * only these (and what reads them); in the last phase everything is trained. How the paper divides its steps is not
 * known to us: the phases before the last share evenly what `joint` leaves.
 */
export function multiStageLayerwise({
  key,
  layers,
  below,
  joint,
}: MultiStageOptions): readonly Phase[] {
  const shares = layers.map(() => (1 - joint) / layers.length);
  const growing = phasesOf(key, layers, shares).map((phase, index): Phase =>
    index === 0
      ? phase
      : {
          ...phase,
          method: "fpi",
          frozen: { layers: layers[index - 1] ?? 0, outsideStacks: below },
        },
  );
  return [...growing, { config: growing.at(-1)?.config ?? {}, share: joint }];
}

function phasesOf(
  key: string,
  layers: readonly number[],
  shares: readonly number[],
): readonly Phase[] {
  if (layers.length !== shares.length) {
    throw new PlanError(
      "plan/phases",
      `There are ${layers.length} numbers of layers and ${shares.length} shares of the steps.`,
      { expected: `${layers.length} shares`, actual: `${shares.length} shares` },
    );
  }
  return layers.map((count, index) => ({ config: { [key]: count }, share: shares[index] ?? 0 }));
}

/**
 * Counts out the steps of phases. Boundaries are rounded; the last phase ends with the last step.
 *
 * Throws `plan/phases` where shares do not sum to 1 or a phase would have no step.
 */
export function timePhases(phases: readonly Phase[], steps: number): readonly TimedPhase[] {
  const total = phases.reduce((sum, { share }) => sum + share, 0);
  if (Math.abs(total - 1) > 1e-6) {
    throw new PlanError("plan/phases", `The shares of the phases sum to ${total}, not to 1.`, {
      expected: "1",
      actual: String(total),
    });
  }
  let share = 0;
  return phases.map((phase, index) => {
    const from = Math.round(share * steps);
    share += phase.share;
    const to = index === phases.length - 1 ? steps : Math.round(share * steps);
    if (to <= from) {
      throw new PlanError(
        "plan/phases",
        `Phase ${index + 1} of ${phases.length} gets none of ${steps} steps. Give it a larger share, or train for more steps.`,
        {
          expected: "at least one step",
          actual: String(to - from),
        },
      );
    }
    return { ...phase, from, to };
  });
}

/** Whether a tensor belongs to the frozen part of a model. */
export function isFrozen(
  layout: Layout,
  { layer, name, parameter }: Pick<LayoutTensor, "layer" | "name" | "parameter">,
  { layers, outsideStacks }: FrozenPart,
): boolean {
  if (stackOf(layout, parameter) !== undefined) return (layer ?? 0) < layers;
  return outsideStacks.some((pattern) => new RegExp(pattern, "u").test(name));
}
