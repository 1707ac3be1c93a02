export { activate } from "./activation.js";
export { attention, causalMask, paddingMask, type AttentionShape } from "./attention.js";
export { causalLanguageModelling } from "./causal-lm.js";
export { classification, textClassifier } from "./classification.js";
export { crossEntropy, IGNORED_LABEL } from "./cross-entropy.js";
export {
  hardDistillation,
  softDistillation,
  type DistillationOptions,
  type StudentLogits,
} from "./distillation.js";
export { drawMask, dropout, type Drawn } from "./dropout.js";
export { gatherRows } from "./embedding.js";
export { gelu, type GeluKind } from "./gelu.js";
export {
  grownParameters,
  type ContractionPolicy,
  type GrownParametersOptions,
  type WidthMap,
} from "./grown-parameters.js";
export { imageClassification, imageClassifierModel, labelLoss } from "./image-classification.js";
export {
  classLabels,
  maskedPatches,
  numberLabels,
  pixelInputs,
  tokenInputs,
  tokenLabels,
  type InputAxis,
  type ModelInput,
  type ModelInputs,
  type PixelInputSizes,
  type TokenInputSizes,
} from "./inputs.js";
export { inheritingLoss, type InheritingOptions } from "./knowledge-inheritance.js";
export { labelledObjective } from "./labelled-loss.js";
export { layerNorm } from "./layer-norm.js";
export { linear, sumRows } from "./linear.js";
export { maskedLanguageModelling } from "./masked-lm.js";
export type {
  Batch,
  Judgement,
  Labelled,
  Model,
  ModelArchitecture,
  ModelFactory,
  Objective,
} from "./model.js";
export {
  maskedLmLogits,
  normalise,
  project,
  type MaskedLmHeadOptions,
  type ProjectOptions,
} from "./named-layers.js";
export {
  asTensor,
  conv1d,
  dense,
  embedding,
  tensorParameters,
  withDropout,
  withSkipping,
  type DropoutMasks,
  type LazyParameter,
  type Parameter,
  type Parameters,
  type Partition,
  type Skipping,
} from "./parameters.js";
export { questionAnswerer } from "./question-answering.js";
export { regression } from "./regression.js";
export { droppedTokens, skippingSequences, type Sequences } from "./skipping.js";
export { softCrossEntropy } from "./soft-cross-entropy.js";
export {
  firstTokens,
  inputIds,
  perToken,
  textEmbeddings,
  type TextEmbeddingNames,
} from "./text-inputs.js";
export {
  addBranch,
  mlp,
  postNormLayer,
  preNormLayer,
  selfAttention,
  transformerStates,
  type TransformerLayer,
  type TransformerLayerInputs,
  type TransformerLayerOptions,
  type TransformerStackOptions,
} from "./transformer-layer.js";
export {
  imagePatches,
  joinPatches,
  patchEmbeddings,
  pixelValues,
  placePatches,
  stochasticDepth,
} from "./vision-inputs.js";
export { visionTransformer, type VisionTransformer } from "./vision-transformer.js";
