export type { CommandIo } from "./terminal/command-io.js";
export { evaluateCheckpoint, type EvaluateOptions, type EvaluateResult } from "@ligo/sdk";
export { findArchitecture, type FindArchitectureOptions } from "@ligo/sdk";
export { forwardCheckpoint, type ForwardOptions, type ForwardResult } from "@ligo/sdk";
export { openEventFile, type EventFile, type EventFileOptions } from "@ligo/sdk";
export {
  growCheckpoint,
  resumeGrowth,
  type GrowOptions,
  type GrowResult,
  type ResumeGrowthOptions,
} from "@ligo/sdk";
export { GROW_DEFAULTS } from "@ligo/sdk";
export { growthCosts, type GrowthCosts } from "@ligo/sdk";
export type { GrowthLosses } from "@ligo/sdk";
export { describeMachine } from "@ligo/sdk";
export type { EngineName } from "@ligo/sdk";
export type { EvaluationMetrics, StepMetrics } from "@ligo/sdk";
export type { GrowthOptions } from "@ligo/sdk";
export type { DtypeName } from "@ligo/sdk";
export { planGrowth, type PlanGrowthOptions, type PlanReport } from "@ligo/sdk";
export type { Reporter, StepEvent } from "@ligo/sdk";
export { inspectCheckpoint, type InspectOptions, type InspectResult } from "@ligo/sdk";
export {
  compareMethods,
  type ComparisonResults,
  type CompareOptions,
  type SourceCost,
} from "@ligo/compare";
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
} from "@ligo/compare";
export {
  comparisonReport,
  downstreamTable,
  savingsTable,
  type ComparisonReportOptions,
  type PublishedSaving,
} from "@ligo/compare";
export { estimateComparison, type ComparisonEstimate } from "@ligo/compare";
export type { CountedSizes } from "@ligo/compare";
export type { CellResult, Scores } from "@ligo/compare";
export { parseShard, SHARD_SYNTAX, type Shard } from "@ligo/compare";
export { reach, type CurvePoint, type Spread } from "@ligo/report";
export { summarize, type MethodSummary } from "@ligo/compare";
export { renderReport, type Report, type ReportCurve } from "@ligo/report";
export { runCli } from "./run-cli.js";
export type { TargetConfig } from "@ligo/sdk";
export {
  resumeTraining,
  trainCheckpoint,
  type ResumeTrainingOptions,
  type TrainOptions,
  type TrainResult,
} from "@ligo/sdk";
export { InterruptedError } from "@ligo/sdk";
export { RunError } from "@ligo/sdk";
export type { RunOptions } from "@ligo/sdk";
export { openTrainingTask, type TrainingTaskOptions } from "@ligo/sdk";
export type { JudgedBatches, Task, TaskTeacher } from "@ligo/sdk";
export type {
  AugmentationName,
  ImageTaskOptions,
  TeacherOptions,
  TextTaskOptions,
} from "@ligo/sdk";
export { TRAIN_DEFAULTS } from "@ligo/sdk";
export { UsageError } from "@ligo/sdk";
export { verifyGrowth, type VerifyOptions, type VerifyResult } from "@ligo/sdk";
