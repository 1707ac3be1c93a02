export { COMPARISON_NAME, type CompareOptions, compareMethods } from "./compare-methods.js";
export { type BreakEven, breakEven } from "./break-even.js";
export { CompareError } from "./compare-error.js";
export { growthSeconds, type GrowthCost } from "./compared-runs.js";
export { comparisonTitle, sizesOf } from "./comparison-title.js";
export { comparisonReport } from "./comparison-report.js";
export {
  type ComparisonReportOptions,
  type PublishedSaving,
  downstreamTable,
  lossTable,
  otherDataTable,
  savingsNote,
  savingsTable,
  sourceTable,
} from "./comparison-table.js";
export { headline } from "./headline.js";
export {
  type Budget,
  type ComparedMethod,
  type Comparison,
  type DownstreamTask,
  type GrowthSettings,
  type OtherData,
  type Reference,
  referenceOf,
  SOURCE_AS_TEACHER,
  type SharedSettings,
  type TrainedSource,
  type TrainingSettings,
} from "./comparison.js";
export { type ComparisonEstimate, estimateComparison } from "./estimate-comparison.js";
export type {
  CellDoneEvent,
  CellEvent,
  CompareEvent,
  CompareHandles,
  KnownEvent,
  RatesEvent,
  SourceEvent,
} from "./events.js";
export type { CountedSizes } from "./open-comparison.js";
export { parseComparison, parseDownstream } from "./recipe/parse-comparison.js";
export { readComparison, readDownstream } from "./recipe/read-comparison.js";
export {
  type ComparedSizes,
  type ComparisonResults,
  type KnownResults,
  type PendingCell,
  RESULTS_NAME,
  type SourceCost,
} from "./results.js";
export { readResults } from "./read-results.js";
export type { OtherLosses } from "./other-data.js";
export { lossDifference } from "./ranks.js";
export type { CellResult, Scores } from "./run-cell.js";
export { SHARD_SYNTAX, type Shard, parseShard } from "./shard.js";
export { type MethodSummary, type OtherSpreads, summarize } from "./summarize.js";
export type { ChosenRates, TuningRun } from "./tuning.js";
export { type ComparisonClock, createComparisonClock, type RunCost } from "./time-left.js";
