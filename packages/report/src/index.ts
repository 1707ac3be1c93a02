export { chartLibrary, chartStyle, pageScript } from "./assets.js";
export {
  FLOPS,
  placesOf,
  STEPS,
  TIME,
  type Chart,
  type ChartLevel,
  type ChartSeries,
  type Measure,
} from "./chart.js";
export { chartFigure } from "./components/chart-figure.js";
export { growthPicture, sizeText, type ModelSize } from "./components/growth-picture.js";
export { heatMap, type HeatMap } from "./components/heat-map.js";
export { badge, commandLine, factList, type BadgeState } from "./components/small-parts.js";
export { sparkline } from "./components/sparkline.js";
export { stepper, type PhaseStep } from "./components/stepper.js";
export { strip, type StripValue } from "./components/strip.js";
export { table } from "./components/table.js";
export {
  formatBytes,
  formatCount,
  formatFlops,
  formatParameters,
  formatSeconds,
  formatShape,
  formatTable,
} from "./format.js";
export { html, type Content, type Markup } from "./html.js";
export { page, type Page } from "./page.js";
export { type PairedDifference, CONFIDENCE, isTie, pairedDifference } from "./paired.js";
export { studentT } from "./student-t.js";
export { renderReport } from "./render-report.js";
export type { Report, ReportCurve, ReportTable } from "./report.js";
export {
  type Band,
  type CurvePoint,
  type Spread,
  bandOf,
  meanCurve,
  reach,
  reachForGood,
  spreadOf,
} from "./savings.js";
export { shellWords } from "./shell-words.js";
export { STYLE } from "./style.js";
