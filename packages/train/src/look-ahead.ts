import {
  createGrower,
  elementCount,
  memorySource,
  type Multiply,
  type Operator,
  type Plan,
} from "@ligo/core";
import type { Engine, TensorSpecs } from "@ligo/engine";
import type { OptimizerOptions } from "./optimizer.js";
import type { StepBatch } from "./stepper.js";
import { createTrainer, type TrainerOptions, type Weights } from "./train-model.js";

/** A short training of the grown model, after which the loss of an operator is taken. */
export interface LookAheadOptions {
  /** Steps of that training. */
  readonly steps: number;
  /** Its learning rate, the same for every step. */
  readonly learningRate: number;
  /** Default: AdamW without weight decay. */
  readonly optimizer?: OptimizerOptions;
  /** Product of matrices that grows the weights. Default: that of `@ligo/core`. */
  readonly multiply?: Multiply | undefined;
}

/** The growth whose operator is learned, and how its target trains. */
interface LookAheadGrowth extends Pick<
  TrainerOptions,
  "objective" | "batch" | "accumulate" | "checkpointActivations" | "precision"
> {
  readonly plan: Plan;
  readonly source: Weights;
}

/** Trains what an operator grows for a few steps, each time anew. */
export interface LookAhead {
  /** Operations of the matrix products of all its steps. */
  readonly matrixFlops: number;
  readonly compileSeconds: number;
  /** Changes that the training makes to the weights that an operator grows, as inputs by {@link changeName}. */
  changes(operator: Operator, batches: readonly StepBatch[]): Promise<Record<string, Float32Array>>;
  dispose(): Promise<void>;
}

/** Name that the change of a grown tensor has among a batch's tensors. */
export const changeName = (name: string): string => `ahead/${name}`;

/** Specs of the changes of all grown tensors. */
export const changeSpecs = ({ plan }: Pick<LookAheadGrowth, "plan">): TensorSpecs =>
  Object.fromEntries(
    plan.tensors.map(({ name, shape }) => [
      changeName(name),
      { shape: [...shape], dtype: "float32" } as const,
    ]),
  );

/** Compiles the training that {@link LookAheadOptions} tell. */
export async function createLookAhead(
  engine: Engine,
  options: LookAheadGrowth,
  ahead: LookAheadOptions,
): Promise<LookAhead> {
  const { plan, source, ...training } = options;
  const { accumulate = 1 } = training;
  const read = memorySource(source);
  const { multiply } = ahead;
  const arrays = (): Map<string, Float32Array> =>
    new Map(plan.tensors.map(({ name, shape }) => [name, new Float32Array(elementCount(shape))]));
  const start = arrays();
  async function grow(by: Operator): Promise<void> {
    const grower = createGrower(plan, by, read, multiply === undefined ? {} : { multiply });
    for (const { name } of plan.tensors) start.set(name, await grower.grow(name, start.get(name)));
  }
  const trainer = await createTrainer(engine, {
    ...training,
    layout: plan.target,
    // every training begins with what an operator grows
    weights: arrays(),
    optimizer: { weightDecay: 0, ...ahead.optimizer },
  });
  const { compileSeconds, matrixFlops } = trainer.compiled.info;
  return {
    matrixFlops: ahead.steps * matrixFlops,
    compileSeconds,
    async changes(by, batches) {
      await grow(by);
      await trainer.restart(Object.fromEntries(start));
      for (let step = 0; step < ahead.steps; step++) {
        const own = batches.slice(step * accumulate, (step + 1) * accumulate);
        await trainer.step(own, ahead.learningRate);
      }
      const trained = await trainer.weights();
      return Object.fromEntries(
        [...start].map(([name, before]) => {
          const after = trained.get(name) as Float32Array;
          return [changeName(name), after.map((value, index) => value - (before[index] as number))];
        }),
      );
    },
    dispose: () => trainer.compiled.dispose(),
  };
}
