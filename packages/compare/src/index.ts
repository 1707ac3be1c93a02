export {
  type CompareOptions,
  type ComparisonResults,
  RESULTS_NAME,
  type SourceCost,
  compareMethods,
} from "./compare-methods.js";
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
  type TrainedSource,
  type TrainingSettings,
  parseComparison,
  readComparison,
  readDownstream,
} from "./comparison.js";
export { type ComparisonEstimate, estimateComparison } from "./estimate-comparison.js";
export { type CountedSizes } from "./open-comparison.js";
export { type CellResult, type Scores } from "./run-cell.js";
export { SHARD_SYNTAX, type Shard, parseShard } from "./shard.js";
export { type MethodSummary, summarize } from "./summarize.js";
