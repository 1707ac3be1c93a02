export { blockSpace, type Block } from "./blocks.js";
export { neededSources } from "./depth-weights.js";
export { countEntries, entriesFrom, ORIGIN, type TensorOrigins } from "./entry-origins.js";
export type { Expression, ExpressionTerm, KindMix, SegmentMap, Spread } from "./expression.js";
export { expressionFor, expressions, operatorNames, type OperatorNames } from "./expressions.js";
export type { OperatorNumbers } from "./given-numbers.js";
export type { MomentOrder } from "./gradient-maps.js";
export { interleavedRuns, interleavingOf, type Interleaving } from "./interleaving.js";
export { hasIdentityBlock, isMixture, learnableRows } from "./learnable-rows.js";
export {
  learnableTensors,
  type LearnableOptions,
  type LearnableTensor,
  type OperatorPart,
} from "./learnable.js";
export { materialise } from "./materialise.js";
export { multiply, type Multiply, type MultiplyOptions } from "./multiply.js";
export { withNormEpsilon } from "./norm-epsilon.js";
export { findNotFinite, finiteTest, type FiniteTest } from "./not-finite.js";
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
} from "./operator-file.js";
export {
  operatorForm,
  operatorTensors,
  type OperatorTensorInfo,
  type OperatorTensorsOptions,
} from "./operator-tensors.js";
export type {
  DrawnEntries,
  FreshEntries,
  Matrix,
  MatrixShape,
  Operator,
  OperatorForm,
  Order,
  WidthScope,
} from "./operator.js";
export { decodeRows, isRowTensor, type StoredRows } from "./row-tensors.js";
export { stateMap, type StateMap } from "./state-map.js";
export type { StoredOperator } from "./stored-operator.js";
