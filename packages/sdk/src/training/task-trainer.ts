import { estimateFlops } from "@ligo/core";
import { muonFlops } from "@ligo/core/cost";
import type { Engine } from "@ligo/engine";
import type { EntriesByName, StepperStart, StepResult, Trainer, Weights } from "@ligo/train";
import type { Context } from "../context.js";
import { loadObjective } from "../models/load-model.js";
import type { ModelSpec } from "../models/model-spec.js";
import { microBatches } from "../tasks/micro-batches.js";
import type { Task, TaskTeacher } from "../tasks/task.js";
import type { Timings } from "../timings.js";
import { hasNewRate, newRate } from "./new-rate.js";
import { frozenParts } from "./old-entries.js";
import { dropoutOf, optimizerOf } from "./optimization.js";
import type { StartMoments } from "./start-moments.js";
import { skippingOptions } from "./skipping.js";
import type { TrainingSettings } from "./training-steps.js";

export interface TaskTrainerOptions {
  readonly settings: TrainingSettings;
  readonly engine: Engine;
  readonly spec: ModelSpec;
  /** Starting weights; trained in place. */
  readonly weights: Weights;
  /** Its batches are micro-batches. */
  readonly task: Task;
  /** Where the run goes on from. */
  readonly start: StepperStart | undefined;
  /** The moments that it begins with. */
  readonly moments?: StartMoments | undefined;
  /** The old entries of a grown model, where these are told from new ones. */
  readonly old?: EntriesByName | undefined;
  readonly timings: Timings;
  readonly context: Pick<Context, "emit" | "signal">;
}

/** Steps done and floating-point operations spent before the step that runs now was compiled. */
export interface Spent {
  readonly step: number;
  readonly flops: number;
}

/** Trains a model by a task. Where its teacher has nothing more to say, the rest is trained by a step without one. */
export interface TaskTrainer {
  /** The weights as they are now, in the arrays that were given. */
  weights(): Promise<Weights>;
  /** What the optimiser keeps now, and the weights that are trained. */
  state(): Promise<StepperStart["state"]>;
  /** To be saved, and given back where a run is resumed. */
  readonly spent: Spent;
  /** Floating-point operations of the matrix products of the run's first so many steps, which are done. */
  flops(step: number): number;
  /** Update `index` (0, 1, ...) of the run. */
  update(index: number, learningRate: number): Promise<StepResult>;
  dispose(): Promise<void>;
}

/** @param spent what a checkpoint of the run holds of its trainer */
export async function createTaskTrainer(
  options: TaskTrainerOptions,
  spent: Spent = { step: 0, flops: 0 },
): Promise<TaskTrainer> {
  const { settings, task, timings } = options;
  const { accumulate, steps, stepsBefore, teacherSteps = 0 } = settings;
  const { teacher } = task;
  const lessons = teacher === undefined ? 0 : Math.max(0, teacherSteps - stepsBefore);
  const compile = (done: number, start: StepperStart | undefined): Promise<CompiledTrainer> =>
    timings.time("compile", () =>
      compileTrainer(options, done < lessons ? teacher : undefined, start),
    );
  let current = await compile(options.start?.steps ?? 0, options.start);
  let before = spent;
  const flops = (step: number): number =>
    before.flops + (step - before.step) * current.flopsPerStep;

  /** The same training from here on without its teacher, compiled anew. */
  const graduate = async (step: number): Promise<void> => {
    const state = await current.trainer.compiled.read();
    await current.trainer.compiled.dispose();
    before = { step, flops: flops(step) };
    current = await compile(step, { steps: step, state });
  };
  return {
    weights: () => current.trainer.weights(),
    state: () => current.trainer.compiled.read(),
    get spent() {
      return before;
    },
    flops,
    async update(index, learningRate) {
      const place = stepsBefore + index;
      const batches = await timings.time("read", () => microBatches(task, place, accumulate));
      const share = Float32Array.of(1 - place / teacherSteps);
      const given =
        index < lessons
          ? batches.map((batch) => ({ ...batch, distillation_alpha: share }))
          : batches;
      const result = await timings.time("train", () =>
        current.trainer.step(given, learningRate, newRate(settings, index)),
      );
      if (index + 1 === lessons && lessons < steps) await graduate(lessons);
      return result;
    },
    dispose: () => current.trainer.compiled.dispose(),
  };
}

interface CompiledTrainer {
  readonly trainer: Trainer;
  readonly flopsPerStep: number;
}

async function compileTrainer(
  options: TaskTrainerOptions,
  teacher: TaskTeacher | undefined,
  start: StepperStart | undefined,
): Promise<CompiledTrainer> {
  const { context, engine, moments, settings, spec, task } = options;
  const frozen = frozenParts(settings.freeze);
  const { accumulate } = settings;
  const { createTrainer } = await import("@ligo/train");
  const trainer = await createTrainer(engine, {
    layout: spec.layout,
    objective: await loadObjective(spec, task.objective),
    batch: task.specs,
    weights: options.weights,
    optimizer: {
      ...optimizerOf(settings),
      weightDecay: settings.weightDecay,
      clipNorm: settings.clipNorm,
    },
    freeze: frozen.names,
    freezeEntries: frozen.group,
    old: options.old,
    hasNewRate: hasNewRate(settings),
    carried: moments?.late?.carried,
    lateBy: moments?.late?.by,
    moments,
    undecayed: settings.undecayed,
    dropout: dropoutOf(settings),
    skipping: skippingOptions(settings),
    teacher: teacher && {
      layout: teacher.spec.layout,
      objective: await loadObjective(teacher.spec, task.objective),
      weights: await teacher.weights(),
      temperature: teacher.temperature,
    },
    accumulate,
    stepsBefore: settings.stepsBefore,
    checkpointActivations: settings.checkpointActivations,
    precision: settings.precision,
    start,
  });
  const { compileSeconds, matrixFlops } = trainer.compiled.info;
  context.emit({ type: "compiled", seconds: compileSeconds });
  const estimated =
    estimateFlops(spec.layout, task.cost).training +
    (teacher === undefined ? 0 : estimateFlops(teacher.spec.layout, task.cost).forward);
  const ofUpdate = settings.optimizer === "muon" ? muonFlops(spec.layout) : 0;
  return { trainer, flopsPerStep: matrixFlops || accumulate * estimated + ofUpdate };
}
