export { planConfigs, type ConfigPlanSettings } from "./plan-configs.js";
export type { PlanReport } from "../plan-report.js";
