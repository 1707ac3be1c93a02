export { activationBytes, largestBatch, type ActivationBytes } from "./activations.js";
export {
  chooseOrder,
  contractionCost,
  CONTRACTION_ORDERS,
  contractionFlops,
  type Contraction,
  type ContractionOrder,
} from "./contraction.js";
export { attentionFlops, estimateFlops, parameterCount, type Flops } from "./estimates.js";
export type { FlopsOptions } from "./used-positions.js";
export { findSizes, type AskedSizes } from "./find-sizes.js";
export { sizeKeys, type SizedModel, type SizeKeys } from "./size-keys.js";
export { growthCosts, total, type GrowthCosts } from "./growth-costs.js";
export { modelSize, type ModelSize } from "./model-size.js";
export { MUON_ITERATIONS, muonFlops } from "./muon-flops.js";
export { planContractions, type PlannedUse } from "./plan-contractions.js";
export {
  publishedGrowthFlops,
  publishedTrainingFlops,
  transformerSizes,
  type CountedSteps,
  type FlopCounter,
  type TransformerSizes,
} from "./published-flops.js";
export {
  contractionOf,
  movableMaps,
  weightAxes,
  type MovableMap,
  type WeightUse,
} from "./weight-use.js";
