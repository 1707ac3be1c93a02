export {
  formatBytes,
  formatCount,
  formatFlops,
  formatSeconds,
  formatShape,
  formatTable,
} from "./format.js";
export { type Report, type ReportCurve, renderReport } from "./render-report.js";
export {
  type CurvePoint,
  type Spread,
  meanCurve,
  reach,
  reachForGood,
  spreadOf,
} from "./savings.js";
