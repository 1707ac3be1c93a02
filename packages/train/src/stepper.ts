import type {
  CompiledProgram,
  Engine,
  Numbers,
  Program,
  ProgramInfo,
  ProgramValues,
} from "@ligo/engine";
import { entryValues, hasNewRate } from "./entry-rates.js";
import { scaleOnly, scaleSpecs } from "./loss-scale.js";
import {
  NEW_RATE,
  accumulationProgram,
  accumulationValues,
  trainingProgram,
  trainingState,
  updateProgram,
  type TrainingProgramOptions,
} from "./training-program.js";

/** Loss before an update, and norm of its gradient before clipping. */
export interface StepResult {
  readonly loss: number;
  readonly gradientNorm: number;
  /** Factor on the loss, of a training that scales it: where `gradientNorm` is not finite, the update was skipped. */
  readonly lossScale?: number;
  /** Updates that were skipped so far, of such a training. */
  readonly skippedSteps?: number;
}

/** The tensors of one batch. */
export type StepBatch = Readonly<Record<string, Numbers>>;

/** Counts and runs the updates of a compiled training program. */
export interface Stepper {
  /**
   * The compiled program; `info.matrixFlops` are those of an update, with all its batches. `read` gives learnable tensors, in
   * the arrays of the caller, and what the optimiser keeps beside them.
   */
  readonly compiled: Pick<CompiledProgram, "info" | "read" | "dispose">;
  /** Updates done so far. */
  readonly steps: number;
  /**
   * One update on a batch, or on the mean gradient of as many batches as `accumulate` says: the mean over their labelled
   * positions, as of one batch that holds them all.
   *
   * @param newRate factor on the learning rate of entries that are not `old`. Default 1
   */
  step(
    batch: StepBatch | readonly StepBatch[],
    learningRate: number,
    newRate?: number,
  ): Promise<StepResult>;
  /** Begins anew from other values of the learnable tensors, with nothing in the optimiser's memory. They are copied. */
  restart(values: Readonly<Record<string, Float32Array>>): Promise<void>;
}

/** Where an earlier stepper of the same program left off. */
export interface StepperStart {
  /** Its `steps`. */
  readonly steps: number;
  /** All that its `compiled.read` gives. Copied; further tensors are ignored. */
  readonly state: Readonly<Record<string, Float32Array>>;
}

/** Moments of an optimiser that others go on with. */
export interface StepperMoments {
  /** Updates that bias correction counts beside the stepper's own. */
  readonly steps: number;
  /** `first_moment/<name>` and `second_moment/<name>`; used as they are, without copying. */
  readonly state: Readonly<Record<string, Float32Array>>;
}

/** How a training step is compiled: what it is to do, and how much memory it may take for that. */
export interface StepperOptions extends TrainingProgramOptions {
  /** Starting values of the learnable tensors; used as they are, without copying. `compiled.read` brings them up to date. */
  readonly values: Readonly<Record<string, Float32Array>>;
  readonly frozenValues: Readonly<Record<string, Float32Array>>;
  /**
   * Batches that an update takes, one after the other: their gradients are averaged over the labelled positions, so that an
   * update may see more than fits into memory at once. Default 1.
   */
  readonly accumulate?: number;
  /**
   * Updates that were done before by other steppers, of a smaller model perhaps: masks go on from there, so that no mask is
   * seen twice. The optimiser counts its own updates, because its moments start anew. Default 0.
   */
  readonly stepsBefore?: number;
  /**
   * Moments to begin with, those of other steppers of these parameters, and the updates they are means of. Tensors that have none begin
   * at zero. Default none.
   */
  readonly moments?: StepperMoments | undefined;
  /** Go on from here instead of from `values` with nothing in the optimiser's memory. */
  readonly start?: StepperStart | undefined;
}

const scalar = (value: number): Float32Array => Float32Array.of(value);
const outputOf = (outputs: Readonly<Record<string, Numbers>>, name: string): number =>
  (outputs[name] as Numbers)[0] as number;

/** Compiles a training step. */
export async function createStepper(engine: Engine, options: StepperOptions): Promise<Stepper> {
  const { accumulate = 1 } = options;
  if (!Number.isInteger(accumulate) || accumulate < 1)
    throw new RangeError(`An update takes 1 batch or more, not ${accumulate}.`);
  const run = await (accumulate === 1 ? wholeStep(engine, options) : stepInParts(engine, options));
  let steps = options.start?.steps ?? 0;
  return {
    compiled: run,
    get steps() {
      return steps;
    },
    async step(batch, learningRate, newRate = 1) {
      const batches = Array.isArray(batch) ? (batch as readonly StepBatch[]) : [batch as StepBatch];
      if (batches.length !== accumulate)
        throw new RangeError(`This update takes ${accumulate} batches, not ${batches.length}.`);
      steps += 1;
      const rates = {
        learning_rate: scalar(learningRate),
        ...(hasNewRate(options.learnable) ? { [NEW_RATE]: scalar(newRate) } : {}),
      };
      return run.update(batches, rates, steps);
    },
    async restart(values) {
      steps = 0;
      await run.write(trainingState(values, options));
    },
  };
}

/** Compiles the program that holds a stepper's state: the arrays of `values` and the optimiser's, as `start` left them. */
async function compileUpdate(
  engine: Engine,
  program: Program,
  options: StepperOptions,
  { state, frozen }: ProgramValues,
): Promise<CompiledProgram> {
  const { start } = options;
  const earlier = start && earlierState(state, start, scaleSpecs(options));
  const compiled = await engine.compile(program, { state, frozen });
  if (earlier) await compiled.write({ state: earlier });
  return compiled;
}

/** What a stepper goes on from, of the tensors of its state. A loss that was not scaled before starts with a new scale. */
function earlierState(
  state: ProgramValues["state"],
  start: StepperStart,
  scale: object,
): ProgramValues["state"] {
  return Object.fromEntries(
    Object.entries(state).map(([name, fresh]) => {
      const { length } = fresh;
      const earlier = start.state[name] ?? (name in scale ? fresh : undefined);
      if (earlier?.length !== length)
        throw new RangeError(
          `A training goes on from ${length} values of ${name}, not from ${earlier?.length ?? "none"}.`,
        );
      return [name, earlier];
    }),
  );
}

interface CompiledStep extends Pick<CompiledProgram, "info" | "read" | "dispose"> {
  write(state: ProgramValues["state"]): Promise<void>;
  update(batches: readonly StepBatch[], rates: StepBatch, step: number): Promise<StepResult>;
}

/** The norm of an update's gradient, and how its loss was scaled. */
const updateFacts = (outputs: Readonly<Record<string, Numbers>>): Omit<StepResult, "loss"> => ({
  gradientNorm: outputOf(outputs, "gradient_norm"),
  ...("loss_scale" in outputs && {
    lossScale: outputOf(outputs, "loss_scale"),
    skippedSteps: outputOf(outputs, "skipped_steps"),
  }),
});

async function wholeStep(engine: Engine, options: StepperOptions): Promise<CompiledStep> {
  const { moments, stepsBefore = 0 } = options;
  const compiled = await compileUpdate(engine, trainingProgram(options), options, {
    state: trainingState(options.values, options, moments?.state),
    frozen: { ...options.frozenValues, ...entryValues(options.learnable) },
  });
  return {
    info: compiled.info,
    read: (names) => compiled.read(names),
    write: (state) => compiled.write({ state }),
    dispose: () => compiled.dispose(),
    async update([batch], rates, step) {
      const outputs = await compiled.run({
        ...batch,
        ...rates,
        step: scalar((moments?.steps ?? 0) + step),
        seed: Int32Array.of(stepsBefore + step),
      });
      return { loss: outputOf(outputs, "loss"), ...updateFacts(outputs) };
    },
  };
}

/** What two programs say of the device that they share. */
const deviceFacts = (sum: ProgramInfo, apply: ProgramInfo): Partial<ProgramInfo> => ({
  ...(sum.device && { device: sum.device }),
  ...(sum.usesHost === undefined ? {} : { usesHost: sum.usesHost || apply.usesHost === true }),
});

/** One program for every batch, one for the update; the gradients and parameters between them are the same memory. */
async function stepInParts(engine: Engine, options: StepperOptions): Promise<CompiledStep> {
  const { moments, stepsBefore = 0 } = options;
  const parts = options.accumulate as number;
  const { state: gradients, frozen: parameters } = accumulationValues(options.values);
  const state = trainingState(options.values, options, moments?.state);
  const sum = await engine.compile(accumulationProgram(options), {
    state: gradients,
    frozen: { ...options.frozenValues, ...parameters, ...scaleOnly(state) },
  });
  const apply = await compileUpdate(engine, updateProgram(options), options, {
    state,
    frozen: { ...gradients, ...entryValues(options.learnable) },
  });
  const info: ProgramInfo = {
    operations: sum.info.operations + apply.info.operations,
    matrixFlops: parts * sum.info.matrixFlops + apply.info.matrixFlops,
    compileSeconds: sum.info.compileSeconds + apply.info.compileSeconds,
    inPlace: sum.info.inPlace + apply.info.inPlace,
    copied: sum.info.copied + apply.info.copied,
    ...deviceFacts(sum.info, apply.info),
  };
  return {
    info,
    read: (names) => apply.read(names),
    write: (state) => apply.write({ state }),
    async dispose() {
      await Promise.all([sum.dispose(), apply.dispose()]);
    },
    async update(batches, rates, step) {
      let [loss, counted] = [0, 0];
      for (const [part, batch] of batches.entries()) {
        const outputs = await sum.run({
          ...batch,
          counted: scalar(counted),
          seed: Int32Array.of((stepsBefore + step - 1) * parts + part + 1),
        });
        const count = outputOf(outputs, "count");
        loss += outputOf(outputs, "loss") * count;
        counted += count;
      }
      const updates = scalar((moments?.steps ?? 0) + step);
      const outputs = await apply.run({ ...rates, step: updates });
      return { loss: loss / Math.max(1, counted), ...updateFacts(outputs) };
    },
  };
}
