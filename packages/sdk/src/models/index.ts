/** Models as the parts of the library see them: for tools that are built on it. */
export { inContext, type Context } from "../context.js";
export { OPERATOR_NAME } from "../growth/operator-file.js";
export { targetModel, type TargetConfig } from "../growth/target-config.js";
export type { TargetModel } from "../growth/target-model.js";
export { checkTargetSizes } from "../growth/target-sizes.js";
export { ARCHITECTURE_PACKAGES, type ArchitecturePackage } from "./architecture-packages.js";
export { modelTypeOf } from "./model-type.js";
export { findArchitecture, type FindArchitectureOptions } from "./find-architecture.js";
export { loadEngine } from "./load-engine.js";
export { ENGINE_NAME, type EngineName, type OwnEngineName } from "./engine-name.js";
export { IN_MEMORY } from "./memory-checkpoint.js";
export { describeModel, type ModelSpec } from "./model-spec.js";
export type { MemoryModel, ModelSource } from "./model-source.js";
export { openModel, type OpenedModel, type OpenModelOptions } from "./open-model.js";
export { RECORD_NAME, readRecord, softwareVersions } from "./record-file.js";
export { describeMachine } from "../machine/processor.js";
