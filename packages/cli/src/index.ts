export type { CommandIo } from "./terminal/command-io.js";
export {
  evaluateCheckpoint,
  type EvaluateOptions,
  type EvaluateResult,
} from "./training/evaluate-checkpoint.js";
export { findArchitecture, type FindArchitectureOptions } from "./models/find-architecture.js";
export {
  forwardCheckpoint,
  type ForwardOptions,
  type ForwardResult,
} from "./models/forward-checkpoint.js";
export { openEventFile, type EventFile, type EventFileOptions } from "./metrics/event-file.js";
export {
  growCheckpoint,
  resumeGrowth,
  type GrowOptions,
  type GrowResult,
  type ResumeGrowthOptions,
} from "./growth/grow-checkpoint.js";
export { GROW_DEFAULTS } from "./grow-defaults.js";
export { growthCosts, type GrowthCosts } from "./growth/growth-costs.js";
export type { GrowthLosses } from "./growth/growth-losses.js";
export { describeMachine } from "./machine.js";
export type { EngineName } from "./models/load-engine.js";
export type { EvaluationMetrics, StepMetrics } from "./training/metrics-file.js";
export type { GrowthOptions } from "./growth/open-growth.js";
export type { DtypeName } from "./models/output-dtype.js";
export { planGrowth, type PlanGrowthOptions, type PlanReport } from "./growth/plan-growth.js";
export type { Reporter, StepEvent } from "./terminal/progress.js";
export {
  inspectCheckpoint,
  type InspectOptions,
  type InspectResult,
} from "./inspect/inspect-checkpoint.js";
export {
  compareMethods,
  type ComparisonResults,
  type CompareOptions,
  type SourceCost,
} from "./compare/compare-methods.js";
export {
  parseComparison,
  readComparison,
  readDownstream,
  SOURCE_AS_TEACHER,
  type ComparedMethod,
  type Comparison,
  type DownstreamTask,
  type GrowthSettings,
  type TrainedSource,
  type TrainingSettings,
} from "./compare/comparison.js";
export {
  comparisonReport,
  downstreamTable,
  savingsTable,
  type ComparisonReportOptions,
  type PublishedSaving,
} from "./compare/comparison-table.js";
export { estimateComparison, type ComparisonEstimate } from "./compare/estimate-comparison.js";
export type { CountedSizes } from "./compare/open-comparison.js";
export type { CellResult, Scores } from "./compare/run-cell.js";
export { parseShard, SHARD_SYNTAX, type Shard } from "./compare/shard.js";
export { reach, type CurvePoint, type Spread } from "./compare/savings.js";
export { summarize, type MethodSummary } from "./compare/summarize.js";
export { renderReport, type Report, type ReportCurve } from "./report/render-report.js";
export { runCli } from "./run-cli.js";
export type { TargetConfig } from "./growth/target-config.js";
export {
  resumeTraining,
  trainCheckpoint,
  type ResumeTrainingOptions,
  type TrainOptions,
  type TrainResult,
} from "./training/train-checkpoint.js";
export { InterruptedError } from "./runs/interrupted-error.js";
export { RunError } from "./runs/run-error.js";
export type { RunOptions } from "./runs/run-options.js";
export { openTrainingTask, type TrainingTaskOptions } from "./tasks/open-training-task.js";
export type { JudgedBatches, Task, TaskTeacher } from "./tasks/task.js";
export type {
  AugmentationName,
  ImageTaskOptions,
  TeacherOptions,
  TextTaskOptions,
} from "./tasks/task-options.js";
export { TRAIN_DEFAULTS } from "./train-defaults.js";
export { UsageError } from "./usage-error.js";
export { verifyGrowth, type VerifyOptions, type VerifyResult } from "./verify/verify-growth.js";
