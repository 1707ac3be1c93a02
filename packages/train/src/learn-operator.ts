import { memorySource, OperatorError, type Matrix, type Operator, type Plan } from "@ligo/core";
import {
  expressions,
  hasIdentityBlock,
  isMixture,
  learnableRows,
  operatorNames,
  type LearnableTensor,
  type OperatorPart,
} from "@ligo/core/operator";
import { freshTensors } from "@ligo/core/stream";
import type { Engine, TensorSpec, TensorSpecs } from "@ligo/engine";
import {
  grownParameters,
  withDropout,
  type ContractionPolicy,
  type Objective,
  type WidthMap,
} from "@ligo/nn";
import type * as tf from "@ligo/tfjs";
import { masksOf, seedOf, type DropoutOptions } from "./dropout.js";
import {
  changeName,
  changeSpecs,
  createLookAhead,
  type LookAhead,
  type LookAheadOptions,
} from "./look-ahead.js";
import type { ScaledOptions } from "./loss-scale.js";
import type { OptimizerOptions } from "./optimizer.js";
import { createStepper, type StepBatch, type Stepper, type StepperStart } from "./stepper.js";
import type { LearnableSpec, TrainingProgramOptions } from "./training-program.js";

/** How the learning rates of an operator's tensors relate. */
export type OperatorRates = "relative" | "uniform";

export interface OperatorLearningOptions extends ScaledOptions {
  readonly plan: Plan;
  /** Where learning starts. */
  readonly operator: Operator;
  /** Objective of the target model. */
  readonly objective: Objective;
  /** Specs of the batch's tensors. */
  readonly batch: TensorSpecs;
  /** Source tensors by canonical name (layers filled in). */
  readonly source: ReadonlyMap<string, Float32Array>;
  readonly contraction?: ContractionPolicy;
  /**
   * `relative` (default): a width map [new, old] learns at the learning rate / old, because the entries of its mixing rows
   * are of the order of 1 / old, those of depth matrices of the order of 1. `uniform`: all at the learning rate, as the
   * published code does.
   */
  readonly rates?: OperatorRates;
  /** Part of the operator that is learned; the rest stays as it starts. Default `all`. */
  readonly learn?: OperatorPart;
  /** Default: AdamW without weight decay. */
  readonly optimizer?: OptimizerOptions;
  /**
   * Weight decay towards where learning starts instead of towards zero (L2-SP of Li et al., 2018, arXiv:1802.01483, decoupled):
   * the optimiser's step works on the difference from the start. Default 0.
   */
  readonly startDecay?: number | undefined;
  /**
   * Minimise the loss that the grown model has after a few steps of training instead of the one at its start. An update then takes
   * `accumulate` batches for each of these steps, and those of the loss behind them. The training's steps are constants to the
   * gradient (first-order MAML of Finn et al., 2017, arXiv:1703.03400). Default: the loss at the start.
   */
  readonly ahead?: LookAheadOptions | undefined;
  /** Batches of an update, whose gradients are averaged over the labelled positions. Default 1. */
  readonly accumulate?: number;
  /** Whether to compute activations anew in the backward pass instead of keeping them. Default false. */
  readonly checkpointActivations?: boolean;
  /** What starts afresh, as `freshTensors` makes it of the operator and the source. {@link learnOperator} makes it itself. */
  readonly fresh?: ReadonlyMap<string, Float32Array> | undefined;
  /** Go on from where an earlier learner left off; `operator` is still the one that one began with. */
  readonly start?: StepperStart | undefined;
  /** Dropout of the grown model, with the rates of its config or one for all. Default none. */
  readonly dropout?: DropoutOptions | undefined;
}

const float = (shape: readonly number[]): TensorSpec => ({ shape, dtype: "float32" });

/** Source tensors as the step wants them: layers of a stack behind each other in one array. */
function stackedSources({
  plan,
  source,
}: OperatorLearningOptions): Map<string, { data: Float32Array; shape: number[] }> {
  const stacks = new Map<string, { data: Float32Array; shape: number[] }>();
  for (const { parameter, sources, sourceShape, layer } of plan.tensors) {
    if (stacks.has(parameter.name)) continue;
    const layers = sources.map((name) => {
      const data = source.get(name);
      if (!data)
        throw new OperatorError(
          "operator/missing-source",
          `The source tensor ${name} was not given.`,
          { tensor: name },
        );
      return data;
    });
    if (layer === undefined)
      stacks.set(parameter.name, { data: layers[0] as Float32Array, shape: [...sourceShape] });
    else {
      const size = (layers[0] as Float32Array).length;
      const data = new Float32Array(size * layers.length);
      layers.forEach((part, index) => data.set(part, index * size));
      stacks.set(parameter.name, { data, shape: [layers.length, ...sourceShape] });
    }
  }
  return stacks;
}

const isIdentity = (matrix: Matrix): boolean =>
  matrix.rows === matrix.columns && hasIdentityBlock(matrix);

/** Name that a tensor of an operator has among the frozen ones, where it is not learned. */
const frozenName = (name: string): string => `operator/${name}`;

/** Name that what starts afresh in a grown tensor has among the frozen ones. */
const freshName = (name: string): string => `fresh/${name}`;

/** Name that the start of a learned tensor has among the frozen ones, where its difference from that is learned. */
const startName = (name: string): string => `start/${name}`;

const pullsToStart = ({ startDecay = 0 }: OperatorLearningOptions): boolean => startDecay > 0;

/** Without weight decay towards zero, unless it is asked for. */
const optimizerOf = (options: OperatorLearningOptions): OptimizerOptions => {
  const { optimizer, startDecay = 0 } = options;
  return { weightDecay: 0, ...optimizer, ...(startDecay > 0 ? { weightDecay: startDecay } : {}) };
};

/** Learned tensors from their differences to the start, each made when it is asked for: a step sees which ones are used. */
function fromStart(
  differences: Readonly<Record<string, tf.Tensor>>,
  frozen: Readonly<Record<string, tf.Tensor>>,
): Record<string, tf.Tensor> {
  const made = new Map<string, tf.Tensor>();
  const makeOne = (name: string): tf.Tensor => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const tensor = (differences[name] as tf.Tensor).add(frozen[startName(name)] as tf.Tensor);
    made.set(name, tensor);
    return tensor;
  };
  const getters = Object.keys(differences).map((name) => [name, { get: () => makeOne(name) }]);
  return Object.defineProperties({}, Object.fromEntries(getters) as PropertyDescriptorMap);
}

/** What starts afresh stays what it is while maps are learned only where its places are told. */
function checkLearnable({ fresh }: Operator): void {
  if (fresh === undefined || fresh.places !== undefined) return;
  throw new OperatorError(
    "operator/not-learnable",
    "This operator starts a part of the grown model from scratch, which learning it does not reach. " +
      "Apply it and train the grown model.",
    { expected: "an operator without fresh entries", actual: "fresh entries" },
  );
}

/** Loss of the grown model as a function of the operator's learnable rows: what {@link learnOperator} minimises. */
export function operatorLoss(options: OperatorLearningOptions): Pick<
  TrainingProgramOptions,
  "learnable" | "frozen" | "batch" | "loss" | "count" | "seed"
> & {
  readonly values: Record<string, Float32Array>;
  readonly frozenValues: Record<string, Float32Array>;
} {
  const { plan, operator, objective } = options;
  checkLearnable(operator);
  const learnables = learnableRows(plan, operator, options.learn);
  const frozenTensors = new Map(stackedSources(options));
  const learnable: Record<string, LearnableSpec> = {};
  const values: Record<string, Float32Array> = {};
  for (const [name, { rows, columns, frozenRows }] of learnables) {
    if (rows === frozenRows) {
      const matrix = operator.tensors.get(name) as Matrix;
      if (isMixture(name) || !isIdentity(matrix)) {
        frozenTensors.set(frozenName(name), { data: matrix.data, shape: [rows, columns] });
      }
      continue;
    }
    const rate = isMixture(name) || options.rates === "uniform" ? 1 : 1 / columns;
    const shape = [rows - frozenRows, columns];
    const start = (operator.tensors.get(name) as Matrix).data.slice(frozenRows * columns);
    learnable[name] = { ...float(shape), decay: true, rate };
    values[name] = pullsToStart(options) ? new Float32Array(start.length) : start;
    if (pullsToStart(options)) frozenTensors.set(startName(name), { data: start, shape });
  }
  const fresh = freshPart(options);
  for (const [name, part] of fresh) frozenTensors.set(freshName(name), part);
  const grown = expressions(plan, operatorNames(operator));
  return {
    learnable,
    values,
    batch: { ...options.batch, ...(options.ahead === undefined ? {} : changeSpecs(options)) },
    frozen: Object.fromEntries([...frozenTensors].map(([name, { shape }]) => [name, float(shape)])),
    frozenValues: Object.fromEntries([...frozenTensors].map(([name, { data }]) => [name, data])),
    ...(objective.count === undefined ? {} : { count: objective.count }),
    ...seedOf(options.dropout),
    loss(learned, frozen, batch, masks) {
      const tensors = pullsToStart(options) ? fromStart(learned, frozen) : learned;
      const parameters = grownParameters({
        expressions: grown,
        contraction: options.contraction ?? "planned",
        source: (name) => frozen[name] as tf.Tensor,
        depth: (name) => (tensors[name] ?? frozen[frozenName(name)]) as tf.Tensor2D,
        fresh: (name) => sumOf(frozen[freshName(name)], batch[changeName(name)]),
        map(name) {
          const whole = frozen[frozenName(name)] as tf.Tensor2D | undefined;
          if (whole !== undefined) return { kind: "full", rows: whole };
          return widthMap(
            learnables.get(name) as LearnableTensor,
            tensors[name] as tf.Tensor2D | undefined,
          );
        },
      });
      return objective.loss(withDropout(parameters, masksOf(options.dropout, masks)), batch);
    },
  };
}

/** The sum of what there is. */
const sumOf = (one: tf.Tensor | undefined, other: tf.Tensor | undefined): tf.Tensor | undefined =>
  one === undefined || other === undefined ? (one ?? other) : one.add(other);

/** What starts afresh, as tensors of the step. */
function freshPart({
  fresh,
  operator,
  plan,
}: OperatorLearningOptions): ReadonlyMap<string, { data: Float32Array; shape: number[] }> {
  if (operator.fresh !== undefined && fresh === undefined)
    throw new RangeError("The operator starts entries afresh, and their numbers were not given.");
  return new Map(
    plan.tensors.flatMap(({ name, shape }) => {
      const data = fresh?.get(name);
      return data === undefined ? [] : [[name, { data, shape: [...shape] }] as const];
    }),
  );
}

function widthMap(
  { frozenRows, columns }: LearnableTensor,
  rows: tf.Tensor2D | undefined,
): WidthMap {
  if (!rows) return { kind: "identity" };
  return frozenRows > 0 ? { kind: "block", rows, oldSize: columns } : { kind: "full", rows };
}

/** A compiled step that learns an operator. */
export interface OperatorLearner extends Stepper {
  /** The operator as it is now. */
  operator(): Promise<Operator>;
}

/**
 * Prepares learning of an operator (Algorithm 1 of the LiGO paper): the loss of the grown network, minimised over the
 * operator alone; the source's weights stay as they are.
 */
export async function learnOperator(
  engine: Engine,
  options: OperatorLearningOptions,
): Promise<OperatorLearner> {
  const { operator, plan, source } = options;
  const fresh = options.fresh ?? (await freshTensors(plan, operator, memorySource(source)));
  const problem = operatorLoss({ ...options, fresh });
  const { accumulate, checkpointActivations, lossScale, precision, start } = options;
  const parts = {
    ...(accumulate === undefined ? {} : { accumulate }),
    ...(checkpointActivations === undefined ? {} : { checkpointActivations }),
  };
  const stepper = await createStepper(engine, {
    ...problem,
    unshared: Object.keys(problem.frozen),
    optimizer: optimizerOf(options),
    precision,
    lossScale,
    ...parts,
    start,
  });
  const learner = Object.assign(stepper, {
    async operator() {
      const tensors = new Map(options.operator.tensors);
      const learned = await stepper.compiled.read(Object.keys(problem.learnable));
      for (const [name, rows] of Object.entries(learned)) {
        const start = tensors.get(name) as Matrix;
        const data = start.data.slice();
        const first = data.length - rows.length;
        for (const [index, value] of rows.entries())
          data[first + index] = pullsToStart(options)
            ? (data[first + index] as number) + value
            : value;
        tensors.set(name, { rows: start.rows, columns: start.columns, data });
      }
      return { ...options.operator, tensors };
    },
  });
  const { ahead, batch, objective } = options;
  if (ahead === undefined) return learner;
  const training = { objective, batch, precision, ...parts };
  const growth = { plan, source, ...training };
  return lookingAhead(learner, await createLookAhead(engine, growth, ahead), accumulate);
}

/** A learner whose loss is taken after a short training. */
function lookingAhead(learner: OperatorLearner, ahead: LookAhead, accumulate = 1): OperatorLearner {
  const { dispose, info, read } = learner.compiled;
  return {
    compiled: {
      info: {
        ...info,
        matrixFlops: info.matrixFlops + ahead.matrixFlops,
        compileSeconds: info.compileSeconds + ahead.compileSeconds,
      },
      read,
      async dispose() {
        await Promise.all([ahead.dispose(), dispose()]);
      },
    },
    get steps() {
      return learner.steps;
    },
    async step(batches, learningRate) {
      const all = [batches].flat() as readonly StepBatch[];
      const changes = await ahead.changes(await learner.operator(), all.slice(0, -accumulate));
      const judged = all.slice(-accumulate).map((batch) => ({ ...batch, ...changes }));
      return learner.step(judged, learningRate);
    },
    restart: (values) => learner.restart(values),
    operator: () => learner.operator(),
  };
}
