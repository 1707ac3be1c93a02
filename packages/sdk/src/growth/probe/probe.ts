import { memorySource, type MethodName, type Operator } from "@ligo/core";
import type { Engine } from "@ligo/engine";
import type { Context } from "../../context.js";
import type { LigoEvent } from "../../events.js";
import { initialDeviation } from "../../models/initial-deviation.js";
import { loadObjective } from "../../models/load-model.js";
import { withOperatorEpsilon } from "../norm-epsilon.js";
import { TRAINING_RATE } from "../../settings/optimization.js";
import type { CheckedGrowSettings } from "../../settings/types.generated.js";
import { microBatches } from "../../tasks/micro-batches.js";
import type { Task } from "../../tasks/task.js";
import { createTimings, type Timings } from "../../timings.js";
import { watchSteps } from "../../watch-steps.js";
import { startOperator } from "../grow-method.js";
import { createGrowthJudge } from "../judge-growth.js";
import type { Growth } from "../open-growth.js";
import { chooseStart } from "./choose-start.js";
import type { Probe, ProbedStart } from "./facts.js";
import { candidateSettings, namedCandidate, type Candidates } from "./candidates.js";
import { probeSize } from "./probe-size.js";

export interface ProbeOptions {
  readonly growth: Growth;
  readonly candidates: Candidates;
  readonly settings: CheckedGrowSettings;
  readonly engine: Engine;
  /** Weights of the source, by canonical name. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Its batches are micro-batches. */
  readonly task: Task;
  readonly timings: Timings;
  readonly context: Context;
}

/**
 * Compares a few starts on the user's own data: the loss of each, and after a few steps of training, on the same batches. Looks are
 * longer and longer, until one settles the choice or a twentieth of the budget is spent; where that pays for nothing, the start that
 * keeps the function is taken unseen.
 */
export async function probeStarts(options: ProbeOptions): Promise<Probe> {
  const { candidates, settings, task } = options;
  const perStep = settings.accumulate * task.unitsPerBatch;
  const budget = settings.budget ?? settings.steps * perStep;
  const size = probeSize({
    budget,
    perStep,
    perExample: perStep / settings.batch,
    starts: candidates.starts.length,
  });
  const [first, ...longer] = size.looks;
  const common = { unit: task.unit, budget };
  if (first === undefined) {
    const because = "the budget pays for no look at others";
    return {
      source: null,
      starts: [],
      steps: 0,
      cost: 0,
      ...common,
      chosen: candidates.keeper,
      because,
    };
  }
  const { examples } = size;
  const { judged } = task.judgedBatches(examples);
  // its compilings, trainings and evaluations are one phase
  options.context.emit({ type: "phase", phase: "probe" });
  const timings = createTimings();
  const seen = { ...options, timings };
  let { steps } = first;
  let found = await lookAt(seen, { examples, steps, judged: false });
  const { source = null } = found;
  let choice = chooseStart(found.starts, steps);
  let cost = size.source + first.cost;
  for (const look of longer) {
    if (choice.settled) break;
    ({ steps } = look);
    found = await lookAt(seen, { examples, steps, judged: true });
    choice = chooseStart(found.starts, steps);
    cost += look.cost;
  }
  for (const [name, seconds] of Object.entries(timings.seconds)) options.timings.add(name, seconds);
  const { because, method: chosen } = choice;
  return { source, judged, starts: found.starts, steps, cost, ...common, chosen, because };
}

interface LookOptions {
  readonly examples: number;
  readonly steps: number;
  /** Whether the source was judged before. */
  readonly judged: boolean;
}

interface FoundStarts {
  readonly source?: number | undefined;
  readonly starts: readonly ProbedStart[];
}

/** Takes one look at every start, told as steps of its own. */
async function lookAt(
  options: ProbeOptions,
  { examples, judged, steps }: LookOptions,
): Promise<FoundStarts> {
  const { candidates, task } = options;
  const { count } = task.judgedBatches(examples);
  const perStart = steps === 0 ? count : 2 * count + steps;
  const tick = watchProbe(options, (judged ? 0 : count) + candidates.starts.length * perStart);
  const starts: ProbedStart[] = [];
  let source: number | undefined;
  for (const method of candidates.starts) {
    const size = { examples, steps, judged: judged || starts.length > 0, tick };
    const found = await probeStart(options, method, size);
    source ??= found.source;
    starts.push(found.start);
  }
  return { source, starts };
}

interface StartOptions extends LookOptions {
  /** Tells that a batch or a step is done. */
  readonly tick: () => void;
}

/** Tells batches and steps of a look as they are done. */
function watchProbe({ context, task }: ProbeOptions, steps: number): () => void {
  const { unit, unitsPerBatch: amount } = task;
  const watch = watchSteps({ phase: "probe", steps, unit, amount, emit: context.emit });
  let step = 0;
  return () => {
    step += 1;
    watch.done(step);
    watch.begin();
  };
}

interface FoundStart {
  readonly source: number | undefined;
  readonly start: ProbedStart;
}

async function probeStart(
  options: ProbeOptions,
  method: MethodName,
  { examples, judged, steps, tick }: StartOptions,
): Promise<FoundStart> {
  const { context, engine, settings, task, timings, weights } = options;
  const quiet = { ...context, emit: (event: LigoEvent) => event.type === "progress" && tick() };
  const operator = await startOf(options, method);
  const growth = withOperatorEpsilon(options.growth, operator, quiet);
  const judge = createGrowthJudge({
    growth,
    engine,
    engineName: settings.engine,
    weights,
    task,
    batches: task.judgedBatches(examples),
    timings,
    context: quiet,
  });
  try {
    const source = judged ? undefined : await judge.source();
    const loss = await judge.grown(operator, "start");
    const named = namedCandidate(options.candidates, method);
    if (steps === 0) return { source, start: { ...named, loss, trained: null } };
    await trainFor(steps, judge.weights ?? new Map(), { ...options, growth }, tick);
    const trained = await judge.again();
    return { source, start: { ...named, loss, trained } };
  } finally {
    await judge.dispose();
  }
}

function startOf(
  { candidates, growth, settings, weights }: ProbeOptions,
  method: MethodName,
): Promise<Operator> {
  const deviation = initialDeviation(growth.target);
  const own = { ...settings, method, ...candidateSettings(candidates, method) };
  return startOperator(growth.plan, own, deviation, memorySource(weights));
}

/** Trains weights in place for a few steps, on the first batches of training, as in a warm-up to the rate that training will have. */
async function trainFor(
  steps: number,
  weights: ReadonlyMap<string, Float32Array>,
  { context, engine, growth, settings, task, timings }: ProbeOptions,
  tick: () => void,
): Promise<void> {
  const { createTrainer } = await import("@ligo/train");
  const { target } = growth;
  const { accumulate, checkpointActivations, precision, trainingRate = TRAINING_RATE } = settings;
  const trainer = await timings.time("compile", async () =>
    createTrainer(engine, {
      layout: target.layout,
      objective: await loadObjective(target, task.objective),
      batch: task.specs,
      weights,
      accumulate,
      checkpointActivations,
      precision,
    }),
  );
  try {
    for (let step = 0; step < steps; step++) {
      context.signal.throwIfAborted();
      const batches = await microBatches(task, step, accumulate);
      // at the full rate from the first step on, all starts lose what they have
      const rate = (trainingRate * (step + 1)) / steps;
      await timings.time("train", () => trainer.step(batches, rate));
      tick();
    }
    await trainer.weights();
  } finally {
    await trainer.compiled.dispose();
  }
}
