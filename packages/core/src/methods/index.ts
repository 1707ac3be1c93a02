export { aki } from "./aki.js";
export { bot } from "./bot.js";
export { layoutChanges, listedLayers } from "./change-reasons.js";
export { ownOptions } from "./check-options.js";
export type { DepthStart } from "./depth-start.js";
export { directCopy } from "./direct-copy.js";
export { fpi } from "./fpi.js";
export { inconsistentFactors } from "./factor-choices.js";
export type { FreshOptions } from "./fresh-entries.js";
export {
  functionPreservingRead,
  functionPreservingWidth,
  type FunctionPreservingOptions,
} from "./function-preserving.js";
export {
  depthInitials,
  depthMatrix,
  type DepthInitial,
  type DepthInitialName,
} from "./initials/depth.js";
export type { Row } from "./initials/rows.js";
export {
  widthInitials,
  widthMatrix,
  type WidthInitial,
  type WidthInitialName,
} from "./initials/width.js";
export { gradmax, type GradmaxSettings } from "./gradmax.js";
export { interlace, interpolate } from "./interpolate.js";
export { keptUnless, type KeptFunction } from "./kept-function.js";
export { lemon, lemonOperator, type LemonOptions, type LemonSettings } from "./lemon.js";
export { lesa } from "./lesa.js";
export {
  losslessFresh,
  losslessFreshOperator,
  type LosslessFreshOptions,
} from "./lossless-fresh.js";
export { ligoDepth } from "./ligo-depth.js";
export { ligoLossless } from "./ligo-lossless.js";
export { ligoWidth } from "./ligo-width.js";
export {
  hasSeparateRead,
  ligo,
  ligoOperator,
  type LigoOptions,
  type LigoSettings,
} from "./ligo.js";
export { mango, mangoOperator, type MangoOptions, type MangoSettings } from "./mango.js";
export { makeOperator, type MakeOperatorInput } from "./make-operator.js";
export {
  defineMethod,
  type DataProbe,
  type GivenOptions,
  type Measured,
  type Method,
  type MethodContext,
  type MethodDefinition,
  type MethodInput,
  type NormFacts,
  type OptionSchemas,
  type ProbedModel,
  type SingularVectors,
} from "./method.js";
export { isMethodName, methodNamed, methods, type MethodName } from "./methods.js";
export { midas, type MidasSettings } from "./midas.js";
export { net2net } from "./net2net.js";
export type { InitialDepth, InitialWidth, MethodOption } from "./options.js";
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
} from "./phases.js";
export type { RedrawnOptions } from "./redrawn-units.js";
export { randomStart } from "./random.js";
export {
  centredPick,
  cyclicPick,
  keptPick,
  randomPick,
  type OldUnits,
  type UnitPick,
} from "../plan/unit-picks.js";
export { layersText, listedStack, parseLayers, type LayerList } from "../plan/layer-list.js";
export { repeatLayers } from "../plan/repeat-layers.js";
export { selectUnits, type Selection } from "../plan/select-units.js";
export { solar } from "./solar.js";
export { sparkling, type SparklingSettings } from "./sparkling.js";
export {
  losslessStarts,
  startingOperator,
  startMethod,
  startOptions,
  type StartName,
  type StartOptions,
} from "./starts.js";
export { stack, stackOperator, type StackOptions } from "./stack.js";
export { szp, type SzpSettings } from "./szp.js";
export { tile } from "./tile.js";
export { tleg } from "./tleg.js";
export { zeroBlock } from "./zero-block.js";
