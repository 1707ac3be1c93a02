export { GROW_DEFAULTS } from "./grow-defaults.js";
export {
  type GrowOptions,
  type GrowResult,
  type ResumeGrowthOptions,
  growCheckpoint,
  resumeGrowth,
} from "./growth/grow-checkpoint.js";
export { GROW_METHODS, describeMethods } from "./growth/grow-methods.js";
export { type InitialDepth, startOperator } from "./growth/grow-operator.js";
export { type GrowthCosts, growthCosts } from "@ligo/core";
export { type GrowthLosses } from "./growth/growth-losses.js";
export { learnOnTask } from "./growth/learn-on-task.js";
export { type GrowthOptions } from "./growth/open-growth.js";
export { type PlanGrowthOptions, type PlanReport, planGrowth } from "./growth/plan-growth.js";
export { type TargetConfig, targetModel } from "./growth/target-config.js";
export {
  type InspectOptions,
  type InspectResult,
  inspectCheckpoint,
} from "./inspect/inspect-checkpoint.js";
export { describeMachine } from "./machine.js";
export { type EventFile, type EventFileOptions, openEventFile } from "./metrics/event-file.js";
export { type FindArchitectureOptions, findArchitecture } from "./models/find-architecture.js";
export {
  type ForwardOptions,
  type ForwardResult,
  forwardCheckpoint,
} from "./models/forward-checkpoint.js";
export { type EngineName } from "./models/load-engine.js";
export { type ModelSpec, describeModel } from "./models/model-spec.js";
export { type OpenModelOptions, openModel } from "./models/open-model.js";
export { type DtypeName } from "./models/output-dtype.js";
export { RECORD_NAME, readRecord, softwareVersions, sourceRecord } from "./models/record-file.js";
export { InterruptedError } from "./runs/interrupted-error.js";
export { RECIPE_NAME, given, optionsOf } from "./runs/recipe.js";
export { RunError } from "./runs/run-error.js";
export { inRun, isDone } from "./runs/run-folder.js";
export { takeLock } from "./runs/run-lock.js";
export { RUN_DEFAULTS, type RunOptions } from "./runs/run-options.js";
export { type SealedKind, readSealed, writeSealed } from "./runs/sealed-json.js";
export { microBatchSize, microBatches } from "./tasks/micro-batches.js";
export { openTask } from "./tasks/open-task.js";
export { type TrainingTaskOptions, openTrainingTask } from "./tasks/open-training-task.js";
export { type ClassOptions } from "./tasks/target-config.js";
export {
  type AugmentationName,
  type ImageTaskOptions,
  type TeacherOptions,
  type TextTaskOptions,
} from "./tasks/task-options.js";
export { type Feeds, type JudgedBatches, type Task, type TaskTeacher } from "./tasks/task.js";
export { createTimings } from "./timings.js";
export { TRAIN_DEFAULTS } from "./train-defaults.js";
export {
  type EvaluateOptions,
  type EvaluateResult,
  evaluateCheckpoint,
} from "./training/evaluate-checkpoint.js";
export { type ScoredEvaluation } from "./training/evaluate-model.js";
export { type EvaluationMetrics, type StepMetrics, readMetrics } from "./training/metrics-file.js";
export {
  OPTIMIZATION_DEFAULTS,
  type OptimizationOptions,
  optimizationSettings,
} from "./training/optimization-options.js";
export {
  type ResumeTrainingOptions,
  type TrainOptions,
  type TrainResult,
  resumeTraining,
  trainCheckpoint,
} from "./training/train-checkpoint.js";
export { trainOnTask } from "./training/train-on-task.js";
export { UsageError } from "./usage-error.js";
export { type LayerDrift } from "./verify/activation-drift.js";
export { type VerifyOptions, type VerifyResult, verifyGrowth } from "./verify/verify-growth.js";
export { readVersion } from "./version.js";
export { silent, type Reporter, type StepEvent } from "./reporter.js";
export { watchSteps, type StepWatch } from "./watch-steps.js";
