import { type Layout, createRandom, elementCount } from "@ligo/core";
import { expandLayout, initialTensor, isOwned } from "@ligo/core/layout";
import type { CompiledProgram, Engine, Numbers, TensorSpecs } from "@ligo/engine";
import { tensorParameters, withDropout, withSkipping, type Objective } from "@ligo/nn";
import { masksOf, seedOf, type DropoutOptions } from "./dropout.js";
import type { ScaledOptions } from "./loss-scale.js";
import { mergedParameters } from "./merged-parameters.js";
import type { OptimizerOptions } from "./optimizer.js";
import { skippingOf, type SkippingOptions } from "./skipping.js";
import { learnableSpecs, splitSpecs, type TrainedParts } from "./split-specs.js";
import { createStepper, type Stepper, type StepperMoments, type StepperStart } from "./stepper.js";
import { answersOf, lessonsOf, type Teacher } from "./teacher.js";

/** The parameters of a model by canonical name. */
export type Weights = ReadonlyMap<string, Float32Array>;

/**
 * Random weights to train from scratch: normal with the given deviation, ones for norm gains, zeros for biases.
 *
 * @param options.only canonical names of those wanted; they are the same whichever others are. Default all
 */
export function initialWeights(
  layout: Layout,
  options: { readonly seed: number; readonly deviation: number; readonly only?: readonly string[] },
): Weights {
  const random = createRandom(options.seed);
  const { only } = options;
  return new Map(
    expandLayout(layout)
      .filter(({ name, parameter }) => isOwned(parameter) && (only?.includes(name) ?? true))
      .map(({ name, shape, parameter }) => {
        const size = elementCount(shape);
        return [name, initialTensor(parameter, size, options.deviation, random.fork(name))];
      }),
  );
}

/** A model in training. */
export interface Trainer extends Stepper {
  /** Parameters by canonical name, as they are now, in the arrays that were given: to be read only, until the next step. */
  weights(): Promise<Weights>;
}

export interface TrainerOptions extends ScaledOptions, TrainedParts {
  readonly layout: Layout;
  readonly objective: Objective;
  readonly batch: TensorSpecs;
  /** Starting weights; used as they are, without copying. `weights` of the trainer brings these arrays up to date. */
  readonly weights: Weights;
  readonly optimizer?: OptimizerOptions;
  /** Batches of an update, whose gradients are averaged over the labelled positions. Default 1. */
  readonly accumulate?: number;
  /** Whether to compute activations anew in the backward pass instead of keeping them. Default false. */
  readonly checkpointActivations?: boolean;
  /** Updates that earlier trainers did, whose dropout masks these go on from; the optimiser begins anew. Default 0. */
  readonly stepsBefore?: number;
  /** Moments of the optimiser to begin with. Default none. */
  readonly moments?: StepperMoments | undefined;
  /** Go on from where an earlier trainer left off; `weights` are overwritten with those of then. */
  readonly start?: StepperStart | undefined;
  /**
   * Learn from another model too, as `inheritingLoss` of `@ligo/nn` does. Every batch then also holds the scalar
   * `distillation_alpha`, the teacher's share in the loss. Default none.
   */
  readonly teacher?: Teacher | undefined;
  /** Token and layer dropping, of a model that has `skipping`. Default none. */
  readonly skipping?: SkippingOptions | undefined;
  /** Dropout, with the rates of the model's config or one for all. Default none. */
  readonly dropout?: DropoutOptions | undefined;
}

/** Compiles the training step of a model. */
export async function createTrainer(engine: Engine, options: TrainerOptions): Promise<Trainer> {
  const { dropout, layout, objective, skipping, teacher, weights, ...step } = options;
  const { frozen, learnable } = splitSpecs(layout, options);
  const part = (specs: TensorSpecs): Record<string, Float32Array> =>
    Object.fromEntries([...weights].filter(([name]) => name in specs));
  const lessons = teacher && lessonsOf(teacher, learnableSpecs(teacher.layout));
  const lossOf: Objective["loss"] = (parameters, batch) =>
    lessons === undefined
      ? objective.loss(parameters, batch)
      : lessons.loss(answersOf(objective, parameters, batch), batch);
  const stepper = await createStepper(engine, {
    ...step,
    batch: { ...step.batch, ...lessons?.inputs },
    learnable,
    frozen: { ...frozen, ...lessons?.frozen },
    ...(lessons === undefined
      ? {}
      : { prepare: lessons.prepare, unshared: Object.keys(lessons.frozen) }),
    ...(objective.count === undefined ? {} : { count: objective.count }),
    ...(skipping === undefined ? {} : { seed: skipping.seed }),
    ...seedOf(dropout),
    loss(tensors, fixed, batch, masks) {
      const parameters = mergedParameters(tensorParameters(tensors), tensorParameters(fixed));
      const whole = withSkipping(parameters, skippingOf(skipping, masks));
      return lossOf(withDropout(whole, masksOf(dropout, masks)), batch);
    },
    values: part(learnable),
    frozenValues: { ...part(frozen), ...lessons?.frozenValues },
  });
  return {
    compiled: stepper.compiled,
    step: (batches, learningRate, newRate) => stepper.step(batches, learningRate, newRate),
    restart: (values) => stepper.restart(values),
    get steps() {
      return stepper.steps;
    },
    async weights() {
      const state = await stepper.compiled.read(Object.keys(learnable));
      return new Map(
        Object.keys(learnableSpecs(layout)).map((name) => [
          name,
          (state[name] ?? weights.get(name)) as Float32Array,
        ]),
      );
    },
  };
}

/** Loss and accuracy over labelled positions of a set of batches. */
export interface Evaluation {
  readonly loss: number;
  readonly perplexity: number;
  /** Share of right predictions; absent where numbers are predicted. */
  readonly accuracy?: number;
  /** Labelled positions that counted. */
  readonly positions: number;
}

/** The arrays of a batch to judge by. */
export type JudgedBatch = Readonly<Record<string, Numbers>>;

/** Is shown what a model predicts of each batch, by name: `logits`, ... Of language models that is nothing. */
export type PredictionObserver = (
  batch: JudgedBatch,
  predictions: Readonly<Record<string, Numbers>>,
) => void;

/** A compiled evaluation that reads live weights. */
export interface Evaluator {
  readonly compiled: CompiledProgram;
  /** Makes these the weights it judges, as `write` of a compiled program does. */
  write(weights: Weights): Promise<void>;
  evaluate(batches: Iterable<JudgedBatch>, see?: PredictionObserver): Promise<Evaluation>;
}

/**
 * Compiles the evaluation of a model. It sees the weights as they are at the time of each call: what a trainer of the same
 * engine makes of the arrays, and what `write` puts there.
 */
export async function createEvaluator(
  engine: Engine,
  options: Pick<TrainerOptions, "layout" | "objective" | "batch" | "weights">,
): Promise<Evaluator> {
  const specs = learnableSpecs(options.layout);
  const compiled = await engine.compile(
    {
      state: {},
      frozen: specs,
      inputs: options.batch,
      build: ({ frozen, inputs }) => ({
        outputs: options.objective.evaluate(tensorParameters(frozen), inputs),
      }),
    },
    { state: {}, frozen: Object.fromEntries(options.weights) },
  );
  return {
    compiled,
    write: (weights) => compiled.write({ frozen: Object.fromEntries(weights) }),
    async evaluate(batches, see) {
      let loss = 0;
      let correct: number | undefined;
      let positions = 0;
      for (const batch of batches) {
        const { loss: meanLoss, correct: right, count, ...predictions } = await compiled.run(batch);
        const counted = count?.[0] ?? 0;
        // the mean over nothing is no number
        if (counted > 0) loss += (meanLoss?.[0] ?? 0) * counted;
        if (right !== undefined) correct = (correct ?? 0) + (right[0] ?? 0);
        positions += counted;
        see?.(batch, predictions);
      }
      const mean = loss / positions;
      const accuracy = correct === undefined ? {} : { accuracy: correct / positions };
      return { loss: mean, perplexity: Math.exp(mean), ...accuracy, positions };
    },
  };
}
