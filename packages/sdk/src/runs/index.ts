/** Runs and their folders: for tools that are built on the library. */
export { openEventFile, type EventFile, type EventFileOptions } from "../metrics/event-file.js";
export {
  METRICS_NAME,
  readMetrics,
  type EvaluationMetrics,
  type StepMetrics,
} from "../training/metrics-file.js";
export { createTimings, type Timings } from "../timings.js";
export { createForecast, FORWARD_COST, type Forecast, type ForecastPart } from "../forecast.js";
export { InterruptedError } from "./interrupted-error.js";
export { RECIPE_NAME, settingsOf } from "./recipe.js";
export { RunError } from "./run-error.js";
export { isDone } from "./run-folder.js";
export { LOCK_NAME, lockHolder, type LockHolder, type RunLock, takeLock } from "./run-lock.js";
export {
  readStatus,
  STATUS_NAME,
  type RunFacts,
  type RunFailure,
  type RunStatus,
} from "./run-status.js";
export { readSealed, writeSealed, type SealedKind } from "./sealed-json.js";
