import {
  applyOperator,
  createPlan,
  createRandom,
  expandLayout,
  isFrozen,
  isOwned,
  methods,
  timePhases,
  type FrozenPart,
  type Layout,
  type Phase,
  type RawConfig,
  type TimedPhase,
} from "@ligo/core";
import type { Engine, TensorSpecs } from "@ligo/engine";
import { tensorParameters, type Objective } from "@ligo/nn";
import type { AdamWOptions } from "./adamw.js";
import type { Schedule } from "./schedule.js";
import { createStepper, type StepBatch, type Stepper } from "./stepper.js";
import { initialWeights, learnableSpecs, type Weights } from "./train-model.js";

/** The model of a phase. */
export interface PhaseModel {
  readonly layout: Layout;
  readonly objective: Objective;
}

export interface TrainPhasesOptions {
  readonly phases: readonly Phase[];
  readonly steps: number;
  /** The model of the target's config with the keys of a phase. */
  model(config: RawConfig): Promise<PhaseModel>;
  /** Starting weights of the first phase. Default: from scratch. */
  readonly weights?: Weights;
  readonly batch: TensorSpecs;
  /** The batch of a step, counted over all phases. */
  batchAt(step: number): StepBatch | Promise<StepBatch>;
  /** Goes on over all phases. */
  readonly schedule: Schedule;
  readonly optimizer?: AdamWOptions;
  readonly seed: number;
  /** Standard deviation of weights that start from scratch. Default 0.02. */
  readonly deviation?: number;
  readonly onStep?: (step: number, loss: number, phase: TimedPhase) => void;
  readonly signal?: AbortSignal;
}

export interface TrainedPhases {
  readonly layout: Layout;
  readonly weights: Weights;
  readonly losses: readonly number[];
  /** Floating-point operations of the matrix products of all steps. */
  readonly flops: number;
}

/**
 * Trains a model in phases of growing size (`gradualStacking`, `multiStageLayerwise`): each phase grows what the one before
 * left and trains all of it, or what is not frozen. The moments of the optimiser start anew in each phase.
 *
 * Throws a RangeError where a phase grows by a method that learns; and what `createPlan` and
 * `timePhases` throw.
 */
export async function trainPhases(
  engine: Engine,
  options: TrainPhasesOptions,
): Promise<TrainedPhases> {
  const { seed, deviation = 0.02 } = options;
  let before: { readonly layout: Layout; readonly weights: Weights } | undefined;
  const losses: number[] = [];
  let flops = 0;
  for (const phase of timePhases(options.phases, options.steps)) {
    const model = await options.model(phase.config);
    const { layout } = model;
    const weights =
      before === undefined
        ? (options.weights ?? initialWeights(layout, { seed, deviation }))
        : await grownWeights(before, layout, phase, options);
    const stepper = await phaseStepper(engine, model, weights, phase.frozen, options);
    try {
      for (let step = phase.from; step < phase.to; step++) {
        options.signal?.throwIfAborted();
        const { loss } = await stepper.step(await options.batchAt(step), options.schedule(step));
        losses.push(loss);
        options.onStep?.(step, loss, phase);
      }
      flops += stepper.compiled.info.matrixFlops * (phase.to - phase.from);
      const { state } = stepper.compiled;
      const trained = [...weights].map(([name, data]) => [name, state[name] ?? data] as const);
      before = { layout, weights: new Map(trained) };
    } finally {
      await stepper.compiled.dispose();
    }
  }
  if (before === undefined) throw new RangeError("There are no phases to train.");
  return { ...before, losses, flops };
}

async function grownWeights(
  before: { readonly layout: Layout; readonly weights: Weights },
  layout: Layout,
  { from, method }: TimedPhase,
  { seed, deviation = 0.02 }: TrainPhasesOptions,
): Promise<Weights> {
  if (method === undefined) return before.weights;
  if (methods[method].needsData) {
    throw new RangeError(
      `The method ${method} learns, which a phase does not: learn an operator first.`,
    );
  }
  const plan = createPlan(before.layout, layout);
  const random = createRandom(seed).fork(`phase.${from}`);
  const operator = methods[method].create(plan, random, { deviation });
  const weights = new Map<string, Float32Array>();
  const read = async (name: string): Promise<Float32Array> =>
    before.weights.get(name) as Float32Array;
  for await (const { tensor, data } of applyOperator(plan, operator, read)) {
    weights.set(tensor.name, data);
  }
  return weights;
}

async function phaseStepper(
  engine: Engine,
  { layout, objective }: PhaseModel,
  weights: Weights,
  part: FrozenPart | undefined,
  { batch, optimizer }: TrainPhasesOptions,
): Promise<Stepper> {
  const frozen = new Set(
    expandLayout(layout)
      .filter(
        (tensor) =>
          part !== undefined && isOwned(tensor.parameter) && isFrozen(layout, tensor, part),
      )
      .map(({ name }) => name),
  );
  const split = <Value>(all: readonly (readonly [string, Value])[], isFixed: boolean) =>
    Object.fromEntries(all.filter(([name]) => frozen.has(name) === isFixed));
  const specs = Object.entries(learnableSpecs(layout));
  return createStepper(engine, {
    learnable: split(specs, false),
    frozen: split(specs, true),
    values: split([...weights], false),
    frozenValues: split([...weights], true),
    batch,
    loss(tensors, fixed, inputs) {
      const [learned, kept] = [tensorParameters(tensors), tensorParameters(fixed)];
      return objective.loss(
        {
          has: (name) => learned.has(name) || kept.has(name),
          // a tensor that is asked for counts as used, so each is asked for where it is
          get: (name) => (frozen.has(name) ? kept : learned).get(name),
        },
        inputs,
      );
    },
    ...(optimizer === undefined ? {} : { optimizer }),
  });
}
