export { checkConfig } from "./check-config.js";
export { canonicalKeys, configKeys } from "./config-keys.js";
export {
  textEncoderLayout,
  textEncoderNames,
  type TextEncoderClass,
  type TextEncoderFiles,
  type TextEncoderNames,
} from "./parts/text-encoder.js";
export {
  textEncoderConfig,
  textPositions,
  type FirstPosition,
  type TextEncoderConfig,
  type TextEncoderConfigOptions,
} from "./text-encoder-config.js";
export { defineArchitecture, type Architecture, type RawConfig } from "./architecture.js";
export {
  ACTIVATION_NAMES,
  headsDivide,
  isRegression,
  isSingleLabel,
  labelCount,
  type ActivationName,
  type EncoderConfig,
  type IssueCollector,
  type LabelFields,
} from "./config-fields.js";
export { hiddenMatrix, type MatrixParts } from "./hidden-matrices.js";
export { INITIAL_DEVIATION, initialTensor } from "./initial-tensor.js";
export {
  axisSpaces,
  expandLayout,
  expandParameter,
  fillLayer,
  headCount,
  isOwned,
  parameterShape,
  type LayoutTensor,
} from "./layout-names.js";
export type {
  Axis,
  BufferNumbers,
  Factor,
  Layout,
  Pairing,
  Parameter,
  Rename,
  Role,
  Space,
  Split,
  Stack,
  StoredBuffer,
} from "./layout.js";
export { keysBehind } from "./keys-behind.js";
export { elementSpaces, isBranchScale, isNormGain, normsBySpace } from "./norms.js";
export { absentParts, createLayout, ofClass } from "./parts/create-layout.js";
export { maskedLmHead, type MaskedLmHeadNames } from "./parts/masked-lm-head.js";
export {
  axis,
  conv1dLayer,
  embeddingTable,
  inStack,
  linearLayer,
  normLayer,
  parameter,
  type LinearLayerOptions,
  type NormLayerOptions,
} from "./parts/parameters.js";
export {
  attentionSpaces,
  fixedSpace,
  groupedAttentionSpaces,
  layerSpace,
  modelSpace,
  positionSpace,
  productSpace,
  tokenSpace,
  withHeadNorms,
  type AttentionOptions,
  type GroupedHeads,
  type GroupedSpaces,
} from "./parts/spaces.js";
export {
  decoderLayout,
  decoderNames,
  decoderReadout,
  type DecoderClass,
  type DecoderLayerNames,
  type DecoderLayoutOptions,
  type DecoderNames,
} from "./parts/decoder.js";
export {
  decoderArchitecture,
  decoderClasses,
  type DecoderMember,
} from "./parts/decoder-architecture.js";
export { decoderConfig, type DecoderConfig, type DecoderDefaults } from "./decoder-config.js";
export { followingKeys } from "./following-keys.js";
export { checkLayerTypes, type LayerType, type LayerTypeFields } from "./layer-types.js";
export { isRotaryType, rotaryOfTypes, rotaryOptions, type RotaryFields } from "./rotary-config.js";
export {
  rotaryFrequencies,
  type RotaryFrequencies,
  type RotaryOptions,
  type RotaryScaling,
} from "./parts/rotary.js";
export {
  transformerLayer,
  type TransformerLayerNames,
  type TransformerLayerOptions,
  type WeightStorage,
} from "./parts/transformer-layer.js";
export {
  imageClassifier,
  patchEmbedding,
  patchSpaces,
  tokenTables,
  visionArchitecture,
  visionTransformerLayout,
  visionTransformerNames,
  type VisionArchitecture,
  type VisionClass,
  type VisionTransformerNames,
} from "./parts/vision-transformer.js";
export { writesResidual } from "./residual.js";
export {
  readResolved,
  resolveTensors,
  type ResolvedTensors,
  type TensorCopy,
  type TensorHeader,
  type TensorRange,
} from "./resolve-tensors.js";
export {
  patchesFit,
  patchGrid,
  visionConfig,
  type PatchGrid,
  type SideLengths,
  type VisionConfig,
} from "./vision-config.js";
export { writtenTensors, type WrittenTensor } from "./written-tensors.js";
