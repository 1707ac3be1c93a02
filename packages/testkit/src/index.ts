export * from "./checks.js";
export { configIssues } from "./config-issues.js";
export { describeArchitecture } from "./describe-architecture.js";
export { compareGrowth, randomModel, type GrownModel, type SmallModel } from "./compare-growth.js";
export { describeGradmax } from "./describe-gradmax.js";
export { describeLosslessFresh, type LosslessFreshCase } from "./describe-lossless-fresh.js";
export { describeSizes, type PublishedSizes } from "./describe-sizes.js";
export {
  describeMethods,
  functionChange,
  ROUNDING,
  type FunctionChange,
  type MethodCases,
} from "./describe-methods.js";
