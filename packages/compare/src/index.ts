export { type CompareOptions, compareMethods } from "./compare-methods.js";
export { CompareError } from "./compare-error.js";
export type { GrowthCost } from "./compared-runs.js";
export {
  type ComparisonReportOptions,
  type PublishedSaving,
  comparisonReport,
  downstreamTable,
  headline,
  savingsTable,
} from "./comparison-table.js";
export {
  type ComparedMethod,
  type Comparison,
  type DownstreamTask,
  type GrowthSettings,
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
  SourceEvent,
} from "./events.js";
export type { CountedSizes } from "./open-comparison.js";
export { parseComparison, parseDownstream } from "./recipe/parse-comparison.js";
export { readComparison, readDownstream } from "./recipe/read-comparison.js";
export { type ComparisonResults, RESULTS_NAME, type SourceCost } from "./results.js";
export type { CellResult, Scores } from "./run-cell.js";
export { SHARD_SYNTAX, type Shard, parseShard } from "./shard.js";
export { type MethodSummary, summarize } from "./summarize.js";
