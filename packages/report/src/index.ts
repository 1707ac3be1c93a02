export {
  formatBytes,
  formatCount,
  formatFlops,
  formatSeconds,
  formatShape,
  formatTable,
} from "./format.js";
export { type PairedDifference, CONFIDENCE, isTie, pairedDifference } from "./paired.js";
export { renderReport } from "./render-report.js";
export type { Report, ReportCurve, ReportTable } from "./report.js";
export {
  type CurvePoint,
  type Spread,
  meanCurve,
  reach,
  reachForGood,
  spreadOf,
} from "./savings.js";
