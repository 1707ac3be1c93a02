export { activate } from "./blocks/activation.js";
export {
  attention,
  causalMask,
  localMask,
  paddingMask,
  type AttentionShape,
  type Prepare,
} from "./blocks/attention.js";
export { causalLanguageModelling } from "./heads/causal-lm.js";
export { textClassification, textClassifier, textRegression } from "./heads/labelled-text.js";
export { crossEntropy, IGNORED_LABEL } from "./losses/cross-entropy.js";
export {
  hardDistillation,
  softDistillation,
  type DistillationOptions,
  type StudentLogits,
} from "./heads/distillation.js";
export { drawMask, dropout, type Drawn } from "./blocks/dropout.js";
export { gatherRows } from "./blocks/embedding.js";
export { gatedMlp, type GatedMlpNames } from "./blocks/gated-mlp.js";
export { gelu, type GeluKind } from "./blocks/gelu.js";
export {
  grownParameters,
  type ContractionPolicy,
  type GrownParametersOptions,
} from "./growing/grown-parameters.js";
export type { WidthMap } from "./growing/width-map.js";
export {
  imageClassification,
  imageClassifierModel,
  labelLoss,
} from "./heads/image-classification.js";
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
} from "./inputs/model-inputs.js";
export { inheritingLoss, type InheritingOptions } from "./losses/knowledge-inheritance.js";
export { labelledObjective } from "./heads/labelled-objective.js";
export { layerNorm } from "./blocks/layer-norm.js";
export { linear, sumRows } from "./blocks/linear.js";
export {
  maskedLanguageModel,
  maskedLanguageModelling,
  type MaskedLanguageModelParts,
} from "./heads/masked-lm.js";
export { createModel } from "./model.js";
export type {
  Batch,
  Judgement,
  Labelled,
  Model,
  ModelFactory,
  Objective,
  ObjectiveAnswer,
  ObjectiveData,
  ObjectiveKind,
  TeacherRole,
} from "./model.js";
export {
  maskedLmLogits,
  normalise,
  project,
  type MaskedLmHeadOptions,
  type ProjectOptions,
} from "./blocks/named-layers.js";
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
export { questionAnswerer } from "./heads/question-answering.js";
export { droppedTokens, skippingSequences, wantedRows, type Sequences } from "./blocks/skipping.js";
export { softCrossEntropy } from "./losses/soft-cross-entropy.js";
export { lastTokens } from "./inputs/last-tokens.js";
export { positionIds } from "./inputs/position-ids.js";
export {
  firstTokens,
  inputIds,
  perToken,
  textEmbeddings,
  type TextEmbeddingNames,
} from "./inputs/text-inputs.js";
export { rmsNorm, rmsNormalise, type RmsNormOptions } from "./blocks/rms-norm.js";
export { rotaryTables, rotate, tablesAt, type RotaryTables } from "./blocks/rotary.js";
export {
  addBranch,
  layerStates,
  mlp,
  postNormLayer,
  preNormLayer,
  selfAttention,
  transformerStates,
  type LayersOptions,
  type TransformerLayer,
  type TransformerLayerInputs,
  type TransformerLayerOptions,
  type TransformerStackOptions,
} from "./blocks/transformer-layer.js";
export {
  imagePatches,
  joinPatches,
  patchEmbeddings,
  pixelValues,
  placePatches,
  stochasticDepth,
} from "./inputs/vision-inputs.js";
export { causalDecoder, decoderMask, type CausalDecoderParts } from "./families/causal-decoder.js";
export { decoder, type DecoderOptions } from "./families/decoder.js";
export { textEncoder, type TextEncoder, type TextEncoderOptions } from "./families/text-encoder.js";
export { visionTransformer, type VisionTransformer } from "./families/vision-transformer.js";
