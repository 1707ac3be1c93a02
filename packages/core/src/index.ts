export {
  applyOperator,
  createGrower,
  materialise,
  neededSources,
  type ApplyOptions,
  type Grower,
  type GrownTensor,
  type OperatorNumbers,
  type RowRange,
} from "./stream/grower.js";
export { checkConfig } from "./layout/check-config.js";
export type { StandardSchemaV1 } from "./standard-schema.js";
export { defineArchitecture, type Architecture, type RawConfig } from "./layout/architecture.js";
export {
  ACTIVATION_NAMES,
  headsDivide,
  isRegression,
  isSingleLabel,
  labelCount,
  type ActivationName,
  type IssueCollector,
  type LabelFields,
} from "./layout/config-fields.js";
export {
  chooseOrder,
  contractionCost,
  CONTRACTION_ORDERS,
  contractionFlops,
  type Contraction,
  type ContractionOrder,
} from "./cost/contraction.js";
export { memorySource, type ReadSource } from "./stream/read-source.js";
export { growthCosts, total, type GrowthCosts } from "./cost/growth-costs.js";
export { planContractions, type PlannedUse } from "./cost/plan-contractions.js";
export {
  contractionOf,
  movableMaps,
  weightAxes,
  type MovableMap,
  type WeightUse,
} from "./cost/weight-use.js";
export { createPlan, type PlanOptions } from "./plan/create-plan.js";
export { ConfigError } from "./errors/config-error.js";
export { LayoutError } from "./errors/layout-error.js";
export { LigoError, type LigoErrorDetails } from "./errors/ligo-error.js";
export { OperatorError } from "./errors/operator-error.js";
export { PlanError } from "./errors/plan-error.js";
export {
  attentionFlops,
  estimateFlops,
  parameterCount,
  type Flops,
  type FlopsOptions,
} from "./cost/estimates.js";
export { blockSpace, type Block } from "./plan/blocks.js";
export type { Expression, ExpressionTerm, KindMix, SegmentMap } from "./operator/expression.js";
export {
  expressionFor,
  expressions,
  operatorNames,
  type OperatorNames,
} from "./operator/expressions.js";
export {
  depthInitials,
  depthMatrix,
  type DepthInitial,
  type DepthInitialName,
} from "./methods/initials/depth.js";
export type { Row } from "./methods/initials/rows.js";
export {
  widthInitials,
  widthMatrix,
  type WidthInitial,
  type WidthInitialName,
} from "./methods/initials/width.js";
export {
  axisSpaces,
  expandLayout,
  expandParameter,
  fillLayer,
  isOwned,
  parameterShape,
  type LayoutTensor,
} from "./layout/layout-names.js";
export type {
  Axis,
  Layout,
  Parameter,
  Rename,
  Role,
  Space,
  Split,
  Stack,
} from "./layout/layout.js";
export { absentParts, createLayout, ofClass } from "./layout/parts/create-layout.js";
export { maskedLmHead, type MaskedLmHeadNames } from "./layout/parts/masked-lm-head.js";
export {
  axis,
  conv1dLayer,
  embeddingTable,
  inStack,
  linearLayer,
  normLayer,
  parameter,
  type LinearLayerOptions,
} from "./layout/parts/parameters.js";
export { attentionSpaces, fixedSpace, layerSpace, modelSpace } from "./layout/parts/spaces.js";
export {
  transformerLayer,
  type TransformerLayerNames,
  type TransformerLayerOptions,
  type WeightStorage,
} from "./layout/parts/transformer-layer.js";
export {
  textEncoderLayout,
  textEncoderNames,
  type TextEncoderClass,
  type TextEncoderFiles,
  type TextEncoderNames,
} from "./layout/parts/text-encoder.js";
export {
  textEncoderConfig,
  textPositions,
  type FirstPosition,
  type TextEncoderConfig,
  type TextEncoderConfigOptions,
} from "./layout/text-encoder-config.js";
export {
  imageClassifier,
  patchEmbedding,
  patchSpaces,
  tokenTables,
  visionTransformerLayout,
  visionTransformerNames,
  type VisionClass,
  type VisionTransformerNames,
} from "./layout/parts/vision-transformer.js";
export { initialTensor } from "./layout/initial-tensor.js";
export {
  learnableTensors,
  type LearnableOptions,
  type LearnableTensor,
  type OperatorPart,
} from "./operator/learnable.js";
export { akiOperator } from "./methods/aki.js";
export { directCopyOperator } from "./methods/direct-copy.js";
export { fpiOperator } from "./methods/fpi.js";
export type { FreshOptions } from "./methods/fresh-options.js";
export { lemonOperator, type LemonOptions } from "./methods/lemon.js";
export { mangoOperator, type MangoOptions } from "./methods/mango.js";
export { net2netOperator } from "./methods/net2net.js";
export { randomOperator } from "./methods/random-start.js";
export { tileOperator } from "./methods/tile.js";
export {
  centredPick,
  cyclicPick,
  keptPick,
  randomPick,
  selectUnits,
  type UnitPick,
  type Selection,
} from "./methods/selection.js";
export { writesResidual, type DepthStart } from "./methods/depth-start.js";
export {
  functionPreservingRead,
  functionPreservingWidth,
  type FunctionPreservingOptions,
} from "./methods/function-preserving.js";
export { hasSeparateRead, ligoOperator, type LigoOptions } from "./methods/ligo.js";
export { methods, type Method, type MethodName } from "./methods/methods.js";
export { stackOperator, type StackOptions } from "./methods/stack.js";
export { multiply, type Multiply, type MultiplyOptions } from "./operator/multiply.js";
export { nearestName } from "./nearest-name.js";
export { withNormEpsilon } from "./operator/norm-epsilon.js";
export { findNotFinite, finiteTest, type FiniteTest } from "./operator/not-finite.js";
export {
  checkOperatorNumbers,
  decodeOperator,
  decodeOperatorHeader,
  encodeOperator,
  OPERATOR_FORMAT,
  OPERATOR_FORMAT_VERSION,
  type EncodedOperator,
  type OperatorHeader,
  type StoredTensor,
} from "./operator/operator-file.js";
export {
  operatorForm,
  operatorTensors,
  type OperatorTensorInfo,
  type OperatorTensorsOptions,
} from "./operator/operator-tensors.js";
export type {
  DrawnEntries,
  Matrix,
  MatrixShape,
  Operator,
  OperatorForm,
  Order,
  WidthScope,
} from "./operator/operator.js";
export {
  gradualStacking,
  isFrozen,
  multiStageLayerwise,
  timePhases,
  type FrozenPart,
  type MultiStageOptions,
  type Phase,
  type StackingOptions,
  type TimedPhase,
} from "./methods/phases.js";
export { elementCount } from "./shape.js";
export { createScratch, type Scratch } from "./stream/scratch.js";
export type { StoredOperator } from "./stream/operator-maps.js";
export { plannedSpaces, type PlannedSpace } from "./plan/planned-spaces.js";
export type { Plan, PlannedTensor, TiePolicy } from "./plan/plan.js";
export {
  publishedGrowthFlops,
  publishedTrainingFlops,
  transformerSizes,
  type CountedSteps,
  type FlopCounter,
  type TransformerSizes,
} from "./cost/published-flops.js";
export { createRandom, type Random } from "./random.js";
export {
  readResolved,
  resolveTensors,
  type ResolvedTensors,
  type TensorHeader,
  type TensorRange,
} from "./layout/resolve-tensors.js";
export { writtenTensors, type WrittenTensor } from "./layout/written-tensors.js";
export {
  patchesFit,
  patchGrid,
  VISION_FUNCTION_KEYS,
  visionConfig,
  type PatchGrid,
  type SideLengths,
  type VisionConfig,
} from "./layout/vision-config.js";
