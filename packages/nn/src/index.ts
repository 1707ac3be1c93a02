export { attention, paddingMask, type AttentionShape } from "./attention.js";
export { crossEntropy, IGNORED_LABEL } from "./cross-entropy.js";
export { gatherRows } from "./embedding.js";
export { gelu, type GeluKind } from "./gelu.js";
export {
  grownParameters,
  type ContractionPolicy,
  type GrownParametersOptions,
  type WidthMap,
} from "./grown-parameters.js";
export {
  classLabels,
  pixelInputs,
  tokenInputs,
  tokenLabels,
  type InputAxis,
  type ModelInput,
  type ModelInputs,
  type PixelInputSizes,
  type TokenInputSizes,
} from "./inputs.js";
export { layerNorm } from "./layer-norm.js";
export { linear, sumRows } from "./linear.js";
export { maskedLanguageModelling } from "./masked-lm.js";
export type { Batch, Model, ModelArchitecture, ModelFactory, Objective } from "./model.js";
export {
  asTensor,
  dense,
  embedding,
  tensorParameters,
  type LazyParameter,
  type Parameter,
  type Parameters,
} from "./parameters.js";
