export { LigoError, type LigoErrorDetails } from "./errors/ligo-error.js";
export { ConfigError } from "./errors/config-error.js";
export { LayoutError } from "./errors/layout-error.js";
export { PlanError } from "./errors/plan-error.js";
export { OperatorError } from "./errors/operator-error.js";
export { MethodError } from "./errors/method-error.js";
export { createRandom, type Random } from "./random.js";
export type { Layout, Parameter, Axis, Space, Stack, Role } from "./layout/layout.js";
export { checkConfig } from "./layout/check-config.js";
export { type Architecture, defineArchitecture, type RawConfig } from "./layout/architecture.js";
export { createPlan, type PlanOptions } from "./plan/create-plan.js";
export type { Plan, PlannedTensor, TiePolicy } from "./plan/plan.js";
export { plannedSpaces, type PlannedSpace } from "./plan/planned-spaces.js";
export type { Operator, OperatorForm, Matrix, WidthScope } from "./operator/operator.js";
export type { StoredOperator } from "./operator/stored-operator.js";
export { multiply, type Multiply, type MultiplyOptions } from "./operator/multiply.js";
export { encodeOperator, decodeOperator } from "./operator/operator-file.js";
export { methods, methodNamed, type MethodName } from "./methods/methods.js";
export {
  defineMethod,
  type Method,
  type MethodContext,
  type MethodInput,
} from "./methods/method.js";
export type { KeptFunction } from "./methods/kept-function.js";
export { applyOperator, createGrower, type GrownTensor } from "./stream/grower.js";
export type { ApplyOptions, Grower } from "./stream/tensor-grower.js";
export { memorySource, type ReadSource } from "./stream/read-source.js";
export { parameterCount, estimateFlops } from "./cost/estimates.js";
export type { FlopsOptions } from "./cost/used-positions.js";
export { growthCosts, type GrowthCosts } from "./cost/growth-costs.js";
export { elementCount } from "./shape.js";
export { nearestName } from "./nearest-name.js";
export type { StandardSchemaV1 } from "./standard-schema.js";
